package wire

import "github.com/fasthttp/websocket"

// Framed is a text message ready for any number of sockets.
type Framed = websocket.PreparedMessage

// Frame frames a text message once for all its sockets (RFC 6455, 5.2).
func Frame(text []byte) (*Framed, error) {
	return websocket.NewPreparedMessage(websocket.TextMessage, text)
}
