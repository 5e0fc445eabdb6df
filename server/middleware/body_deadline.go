package middleware

import (
	"io"
	"net/http"
	"time"
)

// BodyDeadlineOptions say how slowly a body may come; the zero value means the defaults.
type BodyDeadlineOptions struct {
	Timeout time.Duration // for any body; 10 s when 0
	Rate    int           // bytes for which there is a second more, each time they came; 32 KiB when 0
}

const (
	defaultBodyTimeout = 10 * time.Second
	defaultBodyRate    = 32 << 10
)

// BodyDeadline gives up bodies that come too slowly: after Timeout, and a second more for
// every Rate bytes that did come. Reading them then fails with os.ErrDeadlineExceeded. It takes
// the place of http.Server's ReadTimeout while a body is read, and may be longer or shorter.
// Once the body is there the connection has no read deadline, as net/http has it: an answer
// takes as long as it takes.
func BodyDeadline(opts BodyDeadlineOptions) func(http.Handler) http.Handler {
	if opts.Timeout == 0 {
		opts.Timeout = defaultBodyTimeout
	}
	if opts.Rate == 0 {
		opts.Rate = defaultBodyRate
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, come := r.Body.(comeBody); come || r.Body == nil || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			body := &timedBody{ReadCloser: r.Body, writer: w, opts: opts, start: time.Now()}
			body.extend()
			r.Body = body // the server goes on with its own
			next.ServeHTTP(w, r)
		})
	}
}

// timedBody moves the deadline of its connection with each part that comes.
type timedBody struct {
	io.ReadCloser
	writer http.ResponseWriter
	opts   BodyDeadlineOptions
	start  time.Time
	read   int64
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	// At the end of the body net/http has taken the deadline back already.
	if n > 0 && err == nil {
		b.extend()
	}
	return n, err
}

func (b *timedBody) extend() {
	earned := time.Duration(float64(b.read) / float64(b.opts.Rate) * float64(time.Second))
	// Without a connection, as in a test of handlers alone, nothing comes slowly.
	_ = http.NewResponseController(b.writer).SetReadDeadline(b.start.Add(b.opts.Timeout + earned))
}
