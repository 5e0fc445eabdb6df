package upstream

import (
	"net/http"
	"slices"
	"sync"

	"crmgraph/upstream/transport/http1"
)

// Header is the header of a client's requests, made once for all of them. It is safe for
// concurrent use: nobody changes it.
type Header struct {
	bare, withBody fields // of requests without a body, and of those with one
}

// fields are the fields of a header.
type fields struct {
	made  sync.Once
	full  http.Header
	short *http1.Header // for an Exchanger; nil where they are not for it
}

// NewHeader returns own with what every request has besides.
func NewHeader(own http.Header) *Header {
	bare := make(http.Header, len(own)+1)
	for name, values := range own {
		bare[name] = slices.Clone(values)
	}
	bare.Set("Accept", "application/json")
	h := new(Header)
	h.bare.full = bare
	return h
}

// noHeader is for requests without a header of their client's own.
var noHeader = NewHeader(nil)

// of returns the fields of a request, which has a body or has none.
func (h *Header) of(hasBody bool) *fields {
	if hasBody {
		h.withBody.made.Do(h.makeWithBody)
		return &h.withBody
	}
	h.bare.made.Do(h.makeBare)
	return &h.bare
}

func (h *Header) makeBare() { h.bare.short = http1.NewHeader(h.bare.full) }

func (h *Header) makeWithBody() {
	full := h.bare.full.Clone()
	full.Set("Content-Type", "application/json")
	// Every call of these CRMs reads, so one that met a connection just closed may be sent
	// again. The transport is told by this header, which without a value is not sent.
	full["X-Idempotency-Key"] = nil
	h.withBody.full, h.withBody.short = full, http1.NewHeader(full)
}
