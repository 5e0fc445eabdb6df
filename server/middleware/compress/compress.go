// Package compress sends responses compressed to those who accept that.
package compress

import (
	"errors"
	"net/http"
)

// Options are the settings of New; the zero value means the defaults.
type Options struct {
	// MinSize is the size in bytes from which a body is compressed; 1 KiB when 0. Smaller
	// ones fit a packet either way.
	MinSize int
}

const defaultMinSize = 1 << 10

// New returns middleware that compresses responses with zstd, brotli or gzip, whichever the
// client's Accept-Encoding prefers, in this order where it does not care. Bodies that are
// written in parts may have to be flushed, and have no brotli.
//
// What is compressed is text whose size is known from its Content-Length or its first Write:
// streams (text/event-stream, multipart), parts of files, and what has a Content-Encoding or
// forbids transformation pass unchanged. Such a response says Vary: Accept-Encoding. Its ETag
// becomes weak, as the bytes differ while the content is the same; a 304 repeats the weak one, and so
// does the response to HEAD, without a length, as nobody knows that of the compressed body.
//
// Compression tells the length of what is reflected beside a secret (BREACH) to whoever can
// make a browser ask again and again in its owner's name. Here no browser can be made to: a
// viewer is known by a bearer token, which browsers do not add by themselves, and login, which
// reads cookies, is a mutation that middleware.CSRF refuses to other sites. So the one is not
// to be used without the other.
func New(opts Options) (func(http.Handler) http.Handler, error) {
	if opts.MinSize < 0 {
		return nil, errors.New("the smallest size to compress must not be negative")
	}
	if opts.MinSize == 0 {
		opts.MinSize = defaultMinSize
	}
	offers, err := newOffers()
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := &writer{ResponseWriter: w, request: r, offers: offers, minSize: opts.MinSize}
			answer.encoding = answer.choose(offers.all)
			next.ServeHTTP(answer, r)
			// Not deferred: the answer of a handler that panics must not look whole.
			answer.finish()
		})
	}, nil
}
