package middleware

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
)

// BodyLimit refuses requests with more than limit bytes of body with status 413, and those
// whose body BodyDeadline gave up with 408. The body is read before anything looks at it, so
// that no work starts on half of one.
func BodyLimit(limit int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			come, ok := r.Body.(comeBody)
			if ok && int64(come.Len()) <= limit || r.Body == nil || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			body, err := readBody(w, r, limit)
			switch {
			case isTooLarge(err):
				refuseTooLarge(w, limit)
			case errors.Is(err, os.ErrDeadlineExceeded):
				w.Header().Set("Connection", "close")
				WriteError(w, r, http.StatusRequestTimeout, CodeBodyTimeout, "The request body did not arrive in time.")
			case err != nil:
				WriteError(w, r, http.StatusBadRequest, CodeBadUserInput, "The request body could not be read.")
			default:
				r.Body = newWholeBody(body)
				next.ServeHTTP(w, r)
			}
		})
	}
}

// comeBody is a body all of which has come before its request is answered, as those of package
// front have.
type comeBody interface{ Len() int }

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

// wholeBody is a body that is there.
type wholeBody struct{ bytes.Reader }

func newWholeBody(body []byte) *wholeBody {
	b := &wholeBody{}
	b.Reset(body)
	return b
}

// Close is part of io.ReadCloser.
func (*wholeBody) Close() error { return nil }

// refuseTooLarge says the limit; how large a body would have been nobody waits to see, so
// that value is the first byte too many.
func refuseTooLarge(w http.ResponseWriter, limit int64) {
	WriteLimitError(w, http.StatusRequestEntityTooLarge, CodeBodyTooLarge, "The request body is too large.", limit, limit+1)
}

// believedLength is the length of the longest body for which a request is given room
// before it has sent it.
const believedLength = 64 << 10

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	switch n := r.ContentLength; {
	case n > limit:
		return nil, &http.MaxBytesError{Limit: limit}
	case 0 < n && n <= believedLength:
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
}
