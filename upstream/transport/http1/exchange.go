package http1

import (
	"context"
	"net/http"
)

// Memory is what bodies are read into.
type Memory = interface {
	// Make returns room for a body of n bytes, in the place of any before.
	Make(n int) []byte
}

// exchange is a request on its way, and what is wanted of its answer.
type exchange struct {
	ctx        context.Context
	req        *http.Request // nil for a Request
	message    []byte        // the request as it goes over the wire
	replayable bool          // it may be sent twice
	closes     bool          // its connection carries no other
	inflates   bool          // gzip was asked for by this package
	limit      int64         // up to which a body is read at once
	memory     Memory        // of such a body
}

// nothing is the limit below every body.
const nothing = -1

// takes reports whether an answer is one of which nothing but the body is wanted.
func (x *exchange) takes(h *head) bool {
	return h.status == http.StatusOK && !h.encoded && h.length <= x.limit
}
