package api

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// plainWithin bounds each step with somebody who speaks plain HTTP where TLS is spoken: to hear, to answer, to see the end.
const plainWithin = 2 * time.Second

var errPlain = errors.New("api: plain HTTP on a port that speaks TLS")

// opened is a listener below TLS whose connections say what is wrong when plain HTTP comes: a browser is sent on to https, a
// program gets a sentence.
type opened struct{ net.Listener }

func (o opened) Accept() (net.Conn, error) {
	c, err := o.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &firstWord{Conn: c}, nil
}

// firstWord looks at the first byte that comes. One goroutine reads a connection.
type firstWord struct {
	net.Conn
	heard bool
}

func (f *firstWord) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	if f.heard || n == 0 {
		return n, err
	}
	f.heard = true
	if b[0] < 'A' || b[0] > 'Z' { // TLS begins with the type of a record, 22 (RFC 8446, 5.1); HTTP with a method
		return n, err
	}
	f.answer(b[:n])
	return 0, errPlain
}

// answer says that this is https and reads what is still on its way, so that the answer is not lost with it.
func (f *firstWord) answer(begun []byte) {
	if f.SetReadDeadline(time.Now().Add(plainWithin)) != nil {
		return
	}
	all := io.MultiReader(bytes.NewReader(bytes.Clone(begun)), io.LimitReader(f.Conn, maxHead))
	req, err := http.ReadRequest(bufio.NewReader(all))
	now := time.Now()
	if errors.Join(f.SetWriteDeadline(now.Add(plainWithin)), f.SetReadDeadline(now.Add(plainWithin))) != nil {
		return
	}
	if _, err := io.WriteString(f.Conn, plainAnswer(req, err)); err != nil {
		return
	}
	if half, ok := f.Conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(f.Conn, maxBody))
	}
}

// plainAnswer sends a GET or HEAD on; anything else, whose body has perhaps gone over the line in the clear, must be sent anew.
func plainAnswer(req *http.Request, err error) string {
	const head = "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s"
	status, more, said := "400 Bad Request", "", "这个端口使用 HTTPS：请用 https:// 开头的地址。\nThis is https: open https://…\n"
	if err == nil && (req.Method == http.MethodGet || req.Method == http.MethodHead) && isHost(req.Host) {
		at := "https://" + req.Host + req.URL.RequestURI()
		status, more, said = "307 Temporary Redirect", "Location: "+at+"\r\n", "这个端口使用 HTTPS：请打开 "+at+"\nThis is https: open "+at+"\n"
	}
	body := said
	if err == nil && req.Method == http.MethodHead {
		body = ""
	}
	return fmt.Sprintf(head, status, len(said), more, body)
}

// isHost says whether a Host header names a machine, and nothing else.
func isHost(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(".-:[]", r)
	}) < 0
}
