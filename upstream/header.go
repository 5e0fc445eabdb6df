package upstream

import (
	"net/http"
	"slices"
	"sync"
)

// Header is the header of a client's requests, made once for all of them. It is safe for
// concurrent use: nobody changes it.
type Header struct {
	bare     http.Header        // of requests without a body
	withBody func() http.Header // of those with one
}

// NewHeader returns own with what every request has besides.
func NewHeader(own http.Header) *Header {
	bare := make(http.Header, len(own)+1)
	for name, values := range own {
		bare[name] = slices.Clone(values)
	}
	bare.Set("Accept", "application/json")
	return &Header{bare: bare, withBody: sync.OnceValue(func() http.Header {
		withBody := bare.Clone()
		withBody.Set("Content-Type", "application/json")
		// Every call of these CRMs reads, so one that met a connection just closed may be sent
		// again. The transport is told by this header, which without a value is not sent.
		withBody["X-Idempotency-Key"] = nil
		return withBody
	})}
}
