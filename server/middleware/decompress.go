package middleware

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Decompress reads bodies with Content-Encoding: gzip, limit bytes of what is in them at
// most: more is answered with status 413. What is never unpacked is never held, so that a
// bomb costs no more than an honest body. Every other encoding, and gzip in gzip, is answered
// with status 415 and Accept-Encoding. It stands behind BodyLimit, which bounds what is sent.
func Decompress(limit int64) func(http.Handler) http.Handler {
	readers := &sync.Pool{New: func() any { return new(gzip.Reader) }}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			encodings := r.Header["Content-Encoding"]
			if len(encodings) == 0 {
				next.ServeHTTP(w, r)
				return
			}
			switch strings.ToLower(strings.Join(encodings, ",")) {
			case "", "identity":
				next.ServeHTTP(w, r)
				return
			case "gzip", "x-gzip":
			default:
				w.Header().Set("Accept-Encoding", "gzip")
				WriteError(w, r, http.StatusUnsupportedMediaType, CodeUnsupportedEncoding, "Send the body as it is, or with Content-Encoding: gzip.")
				return
			}
			body, err := unzip(readers, r.Body, limit)
			switch {
			case errors.Is(err, errTooLarge):
				refuseTooLarge(w, limit)
			case err != nil:
				WriteError(w, r, http.StatusBadRequest, CodeBadUserInput, "The request body could not be read.")
			default:
				unpacked := r.WithContext(r.Context()) // the caller's request keeps its header
				unpacked.Header = r.Header.Clone()
				unpacked.Header.Del("Content-Encoding")
				unpacked.Header.Del("Content-Length")
				unpacked.ContentLength = int64(len(body))
				unpacked.Body = newWholeBody(body)
				next.ServeHTTP(w, unpacked)
			}
		})
	}
}

var errTooLarge = errors.New("too large")

func unzip(readers *sync.Pool, packed io.Reader, limit int64) ([]byte, error) {
	reader := readers.Get().(*gzip.Reader)
	defer readers.Put(reader)
	if err := reader.Reset(packed); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, errTooLarge
	}
	return body, nil
}
