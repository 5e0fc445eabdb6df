package http1

import "net/http"

// exchange is a request on its way, and what is wanted of its answer.
type exchange struct {
	req     *http.Request
	message []byte // as it goes over the wire
	limit   int64  // up to which a body is read at once
	body    []byte // what such a body is appended to
}

// nothing is the limit below every body.
const nothing = -1

// takes reports whether an answer is one of which nothing but the body is wanted.
func (x *exchange) takes(h *head) bool {
	return h.status == http.StatusOK && !h.encoded && h.length <= x.limit
}
