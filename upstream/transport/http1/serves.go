package http1

import "net/http"

// maxBody is the largest body that is served, in bytes. It fits the buffers of two
// sockets, so that a server that answers without reading it does not keep its client
// waiting to write.
const maxBody = 64 << 10

// Serves reports whether RoundTrip can send req: a GET or POST to a server that is named
// in ASCII, its body short and in memory, and no header that changes what a connection
// does.
func Serves(req *http.Request) bool {
	switch u := req.URL; {
	case req.Method != http.MethodGet && req.Method != http.MethodPost:
		return false
	case u == nil || u.Scheme != "http" && u.Scheme != "https":
		return false
	case u.Host == "" || !isPlain(u.Host) || !isPlain(req.Host):
		return false
	case hasBody(req) && (req.GetBody == nil || req.ContentLength <= 0 || req.ContentLength > maxBody):
		return false
	default:
		return len(req.TransferEncoding) == 0 && len(req.Trailer) == 0 && keepsToItself(req.Header)
	}
}

// ServesRequest is Serves for Exchange.
func ServesRequest(req *Request) bool {
	return (req.Server.Scheme == "http" || req.Server.Scheme == "https") && req.Server.Host != "" && isPlain(req.Server.Host) &&
		req.Header != nil && len(req.Body) <= maxBody
}

// isPlain reports whether a host needs no translation: neither an international name nor
// an address with a zone.
func isPlain(host string) bool {
	for i := range len(host) {
		if host[i] >= 0x80 || host[i] == '%' {
			return false
		}
	}
	return true
}

func hasBody(req *http.Request) bool { return req.Body != nil && req.Body != http.NoBody }

// closeBody closes the body of a request, as a RoundTripper must, whether it was sent or not.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// keepsToItself reports whether no field of a header changes what the connection does.
func keepsToItself(header http.Header) bool {
	return header["Connection"] == nil && header["Expect"] == nil && header["Upgrade"] == nil
}

// replayable reports whether a request may be sent twice, by net/http's rules.
func replayable(method string, header http.Header) bool {
	if method == http.MethodGet {
		return true
	}
	_, declared := header["Idempotency-Key"]
	_, extension := header["X-Idempotency-Key"]
	return declared || extension
}
