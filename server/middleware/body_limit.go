package middleware

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// BodyLimit refuses requests with more than limit bytes of body with status 413. The
// body is read before anything looks at it, so that no work starts on half of one.
func BodyLimit(limit int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body == nil || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			body, err := readBody(w, r, limit)
			var tooLarge *http.MaxBytesError
			switch {
			case errors.As(err, &tooLarge):
				WriteError(w, r, http.StatusRequestEntityTooLarge, CodeBadUserInput, "The request body is too large.")
			case err != nil:
				WriteError(w, r, http.StatusBadRequest, CodeBadUserInput, "The request body could not be read.")
			default:
				r.Body = io.NopCloser(bytes.NewReader(body))
				next.ServeHTTP(w, r)
			}
		})
	}
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
