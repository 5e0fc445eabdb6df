// Package rawhttp is the client side of HTTP/1.1 on a socket, with nothing between: one
// request at a time, written whole, and its answer. It is for talking to servers that
// are known.
package rawhttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Conn is a connection that is kept alive. It is not safe for concurrent use.
type Conn struct{ socket net.Conn }

// Dial connects to a "host:port".
func Dial(ctx context.Context, address string) (*Conn, error) {
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Conn{socket: socket}, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.socket.Close() }

// Send writes a request, given as its bytes.
func (c *Conn) Send(request []byte) error {
	_, err := c.socket.Write(request)
	return err
}

// Response is an answer, and the memory it was read into, which the next answer that is
// received into it uses again.
type Response struct {
	Status int
	Body   []byte

	memory []byte
}

// errCutOff is the error of an answer whose end never came.
var errCutOff = errors.New("the connection ended within an answer")

// Receive reads the answer to the request sent last.
func (c *Conn) Receive(r *Response) error {
	r.memory = r.memory[:0]
	head := -1
	for head < 0 {
		if err := c.more(r, 4<<10); err != nil {
			return err
		}
		head = bytes.Index(r.memory, []byte("\r\n\r\n"))
	}
	head += 4
	status, length, err := parseHead(r.memory[:head])
	if err != nil {
		return err
	}
	r.Status = status
	if length == chunked {
		return c.receiveChunks(r, head)
	}
	for missing := head + length - len(r.memory); missing > 0; missing = head + length - len(r.memory) {
		if err := c.more(r, missing); err != nil {
			return err
		}
	}
	r.Body = r.memory[head : head+length]
	return nil
}

// more reads what there is, with room for at least the given number of bytes.
func (c *Conn) more(r *Response, room int) error {
	if free := cap(r.memory) - len(r.memory); free < room {
		r.memory = append(make([]byte, 0, 2*cap(r.memory)+room), r.memory...)
	}
	n, err := c.socket.Read(r.memory[len(r.memory):cap(r.memory)])
	r.memory = r.memory[:len(r.memory)+n]
	if n == 0 && err != nil {
		return errors.Join(errCutOff, err)
	}
	return nil
}

// chunked is the length of a body that comes in chunks.
const chunked = -1

func parseHead(head []byte) (status, length int, err error) {
	const statusEnd = len("HTTP/1.1 200")
	if len(head) < statusEnd {
		return 0, 0, fmt.Errorf("no HTTP: %q", head)
	}
	status, err = strconv.Atoi(string(head[statusEnd-3 : statusEnd]))
	if err != nil {
		return 0, 0, fmt.Errorf("no HTTP: %q", head)
	}
	if value, ok := header(head, "content-length:"); ok {
		length, err = strconv.Atoi(string(value))
		return status, length, err
	}
	if _, ok := header(head, "transfer-encoding:"); ok {
		return status, chunked, nil
	}
	return status, 0, nil
}

// header finds the value of a header, whose name is given in lower case with its colon.
func header(head []byte, name string) ([]byte, bool) {
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return bytes.TrimSpace(line[len(name):]), true
		}
	}
	return nil, false
}

// receiveChunks reads a chunked body and puts its chunks together in place. Trailers are
// not expected.
func (c *Conn) receiveChunks(r *Response, head int) error {
	at, end := head, head // where the next chunk begins, where the body so far ends
	for {
		line := bytes.IndexByte(r.memory[at:], '\n')
		if line < 0 {
			if err := c.more(r, 4<<10); err != nil {
				return err
			}
			continue
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(r.memory[at:at+line])), 16, 31)
		if err != nil {
			return fmt.Errorf("chunk size: %w", err)
		}
		at += line + 1
		next := at + int(size) + len("\r\n")
		for len(r.memory) < next {
			if err := c.more(r, next-len(r.memory)); err != nil {
				return err
			}
		}
		end += copy(r.memory[end:], r.memory[at:at+int(size)])
		at = next
		if size == 0 {
			r.Body = r.memory[head:end]
			return nil
		}
	}
}
