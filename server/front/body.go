package front

import (
	"io"
	"net/http"
	"sync"
)

// body is the body of a request, all of which is there. It ends with the request, since its memory is
// the connection's.
type body struct {
	mu     sync.Mutex // a handler may have left it to somebody who reads still
	unread []byte
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case len(b.unread) == 0:
		return 0, io.EOF
	}
	n := copy(p, b.unread)
	b.unread = b.unread[n:]
	return n, nil
}

// Len returns how much of the body is unread. That there is a length tells those who read bodies that
// they need not wait for this one.
func (b *body) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.unread)
}

// Close is part of io.ReadCloser.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.unread = true, nil
	return nil
}
