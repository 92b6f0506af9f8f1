package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

const (
	requestTime = 30 * time.Second
	maxAnswer   = 1 << 20
	inBuffer    = 16 << 10 // of a connection
)

// client is one kept HTTP/1.1 connection with buffers of its own, for one goroutine at a time. The load runs on the cores of
// the server that it measures, so it costs little more than its two system calls a request.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	host string
	out  []byte
	body []byte
}

func dial(ctx context.Context, addr string) (*client, error) {
	conn, err := (&net.Dialer{Timeout: handshake}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, inBuffer), host: addr}, nil
}

// post sends one request and reads its whole answer, which is good until the next one. Any status above 299 is an error.
func (c *client) post(path, token, key string, body []byte) ([]byte, error) {
	return c.do("POST", path, token, key, body)
}

func (c *client) do(method, path, token, key string, body []byte) ([]byte, error) {
	b := fmt.Appendf(c.out[:0], "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", method, path, c.host, len(body))
	if token != "" {
		b = append(append(append(b, "Authorization: Bearer "...), token...), "\r\n"...)
	}
	if key != "" {
		b = append(append(append(b, "Idempotency-Key: "...), key...), "\r\n"...)
	}
	c.out = append(append(b, "\r\n"...), body...)
	if err := c.conn.SetDeadline(time.Now().Add(requestTime)); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	status, err := c.answer()
	if err != nil {
		return nil, fmt.Errorf("bench: %s: %w", path, err)
	}
	if status[0] != '2' {
		return nil, fmt.Errorf("bench: %s: %s: %s", path, status, c.body)
	}
	return c.body, nil
}

// answer reads a status and, into the client's buffer, a body (RFC 9112, 4 and 6.3): our own server says its length.
func (c *client) answer() (status string, err error) {
	line, err := c.line()
	if err != nil {
		return "", err
	}
	_, rest, ok := bytes.Cut(line, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 3 {
		return "", fmt.Errorf("no HTTP/1.1 answer: %q", line)
	}
	status = string(rest[:3])
	length := 0
	for {
		if line, err = c.line(); err != nil || len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 || length > maxAnswer {
				return "", fmt.Errorf("an answer of %q bytes", value)
			}
		}
	}
	if err != nil {
		return "", err
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	_, err = io.ReadFull(c.in, c.body)
	return status, err
}

// line is the next line of a head, without its end.
func (c *client) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	return bytes.TrimSuffix(line, []byte("\r\n")), err
}

// field is the text of the first field with a name in an answer, empty without one. It reads ids and numbers, in which
// nothing is escaped, where decoding would cost as much as the rest of a request.
func field(answer []byte, name string) string {
	_, rest, _ := bytes.Cut(answer, []byte(`"`+name+`":"`))
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}

// encode writes what the bench itself asks; it cannot fail on our own types.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("bench: encode: " + err.Error())
	}
	return b
}
