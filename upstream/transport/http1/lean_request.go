package http1

import (
	"net/http"
	"net/url"
	"strconv"
)

// Request is a request that is sent often: all of it is there as it goes over the wire.
type Request struct {
	Server *url.URL  // of which scheme and host count
	Path   [4]string // the parts of the path, escaped; the first begins with a slash
	Query  string    // encoded; without the question mark
	Header *Header
	Body   []byte // which makes the request a POST; nil for a GET
}

// Header is the header of many requests. It is safe for concurrent use.
type Header struct {
	lines      []byte
	replayable bool // a POST may be sent twice
}

// NewHeader returns a header for requests by Exchange, and nil where they must not have it: it
// is for RoundTrip then.
func NewHeader(header http.Header) *Header {
	if !keepsToItself(header) || !asksForGzip(header) {
		return nil
	}
	lines, err := appendHeader(nil, header)
	if err != nil {
		return nil
	}
	return &Header{lines: lines, replayable: replayable(http.MethodPost, header)}
}

func (r *Request) replayable() bool { return r.Body == nil || r.Header.replayable }

// append appends the request as it goes over the wire.
func (r *Request) append(dst []byte) ([]byte, error) {
	if r.Body == nil {
		dst = append(dst, "GET "...)
	} else {
		dst = append(dst, "POST "...)
	}
	target := len(dst)
	for _, part := range r.Path {
		dst = append(dst, part...)
	}
	if r.Query != "" {
		dst = append(dst, '?')
		dst = append(dst, r.Query...)
	}
	if !isWord(dst[target:]) {
		return dst, errInvalidURL
	}
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	host := len(dst)
	dst = append(dst, r.Server.Host...)
	if !isWord(dst[host:]) {
		return dst, errInvalidURL
	}
	dst = append(dst, "\r\n"...)
	dst = append(dst, r.Header.lines...)
	if r.Body != nil {
		dst = append(dst, "Content-Length: "...)
		dst = strconv.AppendInt(dst, int64(len(r.Body)), 10)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "\r\n"...)
	return append(dst, r.Body...), nil
}
