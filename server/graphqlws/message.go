package graphqlws

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// The types of messages.
const (
	typeInit      = "connection_init"
	typeAck       = "connection_ack"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeNext      = "next"
	typeError     = "error"
	typeComplete  = "complete"
)

// message is what a client sends.
type message struct {
	kind    string
	id      string
	payload jx.Raw // nil where there is none, or null
}

// errMessage is a message that is none.
var errMessage = errors.New("no message of the protocol")

// readMessage reads a message and checks what its type asks of it.
func readMessage(text []byte) (message, error) {
	var m message
	if !utf8.Valid(text) || !jx.Valid(text) {
		return m, errMessage
	}
	d := jx.DecodeBytes(text)
	if d.Next() != jx.Object {
		return m, errMessage
	}
	var seen []string
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		name := string(key)
		if slices.Contains(seen, name) {
			return errMessage
		}
		switch name {
		case "type":
			m.kind, err = d.Str()
		case "id":
			m.id, err = d.Str()
		case "payload":
			if m.payload, err = d.Raw(); m.payload.Type() == jx.Null {
				m.payload = nil
			}
		default:
			return d.Skip()
		}
		seen = append(seen, name)
		return err
	})
	if err != nil {
		return m, errMessage
	}
	hasObject := m.payload == nil || m.payload.Type() == jx.Object
	ok := false
	switch m.kind {
	case typeInit, typePing, typePong:
		ok = hasObject
	case typeSubscribe:
		ok = m.id != "" && m.payload != nil && hasObject
	case typeComplete:
		ok = m.id != ""
	}
	if !ok {
		return m, errMessage
	}
	return m, nil
}

// appendHead appends a message up to its payload; id is "" where there is none.
func appendHead(body []byte, kind, id string) []byte {
	w := jx.Writer{Buf: body}
	w.RawStr(`{"type":`)
	w.Str(kind)
	if id != "" {
		w.RawStr(`,"id":`)
		w.Str(id)
	}
	return w.Buf
}
