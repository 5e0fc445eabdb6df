package upstream

import "net/http"

// Header is the header of a client's requests, made once for all of them. It is safe for
// concurrent use: nobody changes it.
type Header struct {
	bare     http.Header // of requests without a body
	withBody http.Header
}

// NewHeader returns own with what every request has besides.
func NewHeader(own http.Header) *Header {
	bare := own.Clone()
	if bare == nil {
		bare = http.Header{}
	}
	bare.Set("Accept", "application/json")
	withBody := bare.Clone()
	withBody.Set("Content-Type", "application/json")
	// Every call of these CRMs reads, so one that met a connection just closed may be sent
	// again. The transport is told by this header, which without a value is not sent.
	withBody["X-Idempotency-Key"] = nil
	return &Header{bare: bare, withBody: withBody}
}
