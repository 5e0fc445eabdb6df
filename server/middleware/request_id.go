package middleware

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
)

// RequestIDHeader carries the id of a request in both directions.
const RequestIDHeader = "X-Request-Id"

// maxRequestID is the length of the longest id taken from a client.
const maxRequestID = 64

type requestKey struct{}

// request is the context of a request, which knows what log lines tell of it.
type request struct {
	context.Context
	id     string
	told   [1]string              // id as the value of a header
	viewer atomic.Pointer[string] // nil until SetViewer
}

// Value is part of context.Context.
func (r *request) Value(key any) any {
	if key == any(requestKey{}) {
		return r
	}
	return r.Context.Value(key)
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
		id := First(r.Header, RequestIDHeader)
		if !validRequestID(id) {
			id = newRequestID()
		}
		known := &request{Context: r.Context(), id: id, told: [1]string{id}}
		w.Header()[RequestIDHeader] = known.told[:]
		next.ServeHTTP(w, r.WithContext(known)) //nolint:contextcheck // the linter does not know contexts of one's own
	})
}

// RequestIDFrom returns the id of the request that ctx belongs to, "" outside of one.
func RequestIDFrom(ctx context.Context) string {
	if known := requestFrom(ctx); known != nil {
		return known.id
	}
	return ""
}

// newRequestID returns a random id as crypto/rand.Text does. An id is no secret, so that numbers will
// do that take less time.
func newRequestID() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var id [26]byte
	for i, bits := 0, uint64(0); i < len(id); i, bits = i+1, bits>>5 {
		if i%(64/5) == 0 {
			bits = rand.Uint64()
		}
		id[i] = letters[bits%32]
	}
	return string(id[:])
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
