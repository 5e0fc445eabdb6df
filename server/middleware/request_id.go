package middleware

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"sync/atomic"
)

// RequestIDHeader carries the id of a request in both directions.
const RequestIDHeader = "X-Request-Id"

// maxRequestID is the length of the longest id taken from a client.
const maxRequestID = 64

type requestKey struct{}

// request is what the context of a request knows of it.
type request struct {
	id     string
	viewer atomic.Pointer[string] // nil until SetViewer
}

func requestFrom(ctx context.Context) *request {
	known, _ := ctx.Value(requestKey{}).(*request)
	return known
}

// RequestID gives each request an id: the one the client sent, if it is up to 64
// letters, digits, dots, hyphens and underscores, else a new random one. The id is in
// the context and in the response.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !validRequestID(id) {
			id = rand.Text()
		}
		w.Header().Set(RequestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, &request{id: id})))
	})
}

// RequestIDFrom returns the id of the request that ctx belongs to, "" outside of one.
func RequestIDFrom(ctx context.Context) string {
	if known := requestFrom(ctx); known != nil {
		return known.id
	}
	return ""
}

func validRequestID(id string) bool {
	return id != "" && len(id) <= maxRequestID && strings.IndexFunc(id, strange) < 0
}

// strange reports characters that could break a log line or a header.
func strange(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return false
	default:
		return !strings.ContainsRune("._-", c)
	}
}
