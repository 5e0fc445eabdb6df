package transport

import (
	"io"
	"net/http"
	"sync/atomic"
)

// Limit returns a RoundTripper that lets at most n requests of next be in work at
// once. A request waits for a slot in order of arrival, no longer than its context
// lives, and holds it until the answer's body is closed.
func Limit(next http.RoundTripper, n int) http.RoundTripper {
	return &limit{next: next, slots: make(chan struct{}, n)}
}

type limit struct {
	next  http.RoundTripper
	slots chan struct{}
}

func (l *limit) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case l.slots <- struct{}{}:
	case <-req.Context().Done():
		// A RoundTripper closes the body even of a request it never sends.
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, req.Context().Err()
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		<-l.slots
		return nil, err
	}
	resp.Body = &heldBody{ReadCloser: resp.Body, slots: l.slots}
	return resp, nil
}

// heldBody gives its slot back when it is closed.
type heldBody struct {
	io.ReadCloser
	slots    chan struct{}
	released atomic.Bool
}

func (b *heldBody) Close() error {
	err := b.ReadCloser.Close()
	if b.released.CompareAndSwap(false, true) {
		<-b.slots
	}
	return err
}
