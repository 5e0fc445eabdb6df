package transport

import (
	"io"
	"net/http"
	"sync"
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
	ctx := req.Context()
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		// A RoundTripper closes the body even of a request it never sends.
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, ctx.Err()
	}
	release := sync.OnceFunc(func() { <-l.slots })
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		release()
		return nil, err
	}
	resp.Body = &heldBody{ReadCloser: resp.Body, release: release}
	return resp, nil
}

// heldBody gives its slot back when it is closed.
type heldBody struct {
	io.ReadCloser
	release func()
}

func (b *heldBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}
