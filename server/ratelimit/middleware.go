package ratelimit

import (
	"context"
	"net/http"
	"strconv"

	"crmgraph/server/middleware"
)

// Middleware counts each request for its client, and answers those beyond a limit with status
// 429, Retry-After and the code RATE_LIMIT_EXCEEDED. So it answers a request of one operation
// that Admit refused, whatever status the handler chose.
//
// Responses tell the limits and what is left in RateLimit-Policy and RateLimit, in the form of
// draft-ietf-httpapi-ratelimit-headers-11, which names the policies client-requests,
// client-calls, viewer-requests and viewer-calls. Calls of the operation itself do not count
// yet. Without limits it does nothing.
func (l *Limiter) Middleware(next http.Handler) http.Handler {
	if l.off() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &account{client: clientKey(l.clientIP(r))}
		told := &writer{ResponseWriter: w, account: a}
		if exceeded := l.admit(r.Context(), a, a.client, l.clientRequests, l.clientCalls); exceeded != nil {
			middleware.WriteErrorWith(told, http.StatusTooManyRequests, sentence, exceeded.extensions())
			return
		}
		next.ServeHTTP(told, r.WithContext(context.WithValue(r.Context(), accountKey{}, a)))
	})
}

// writer adds to the header what is left when it is written.
type writer struct {
	http.ResponseWriter
	account *account
	begun   bool
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	// Informational answers precede the real one.
	if !w.begun && status >= http.StatusOK {
		w.begun = true
		status = w.account.tell(w.Header(), status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Flush lets streaming transports, which ask for an http.Flusher, through.
func (w *writer) Flush() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	// A writer that cannot flush sends everything at the end, which is no error.
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// tell adds the RateLimit fields to header and returns the status of the response.
func (a *account) tell(header http.Header, status int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	var policies, left []byte
	for i, s := range a.standings {
		if i > 0 {
			policies, left = append(policies, ", "...), append(left, ", "...)
		}
		policies = append(policies, s.policy.told...)
		left = append(strconv.AppendQuote(left, s.policy.name), ";r="...)
		left = strconv.AppendInt(left, int64(max(s.left, 0)), 10)
		left = append(append(left, ";t="...), seconds(s.effective())...)
	}
	if len(policies) > 0 {
		header["Ratelimit-Policy"] = []string{string(policies)}
		header["Ratelimit"] = []string{string(left)}
	}
	if a.refusal == nil || a.operations > 1 {
		return status
	}
	header.Set("Retry-After", seconds(a.refusal.Retry))
	header.Set("Cache-Control", "no-store")
	return http.StatusTooManyRequests
}
