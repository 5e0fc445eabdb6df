package http1

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// errInvalid is the error of a request that must not be sent as it is.
var errInvalid = errors.New("http1: invalid request")

// errInvalidURL is errInvalid for a target or host.
var errInvalidURL = fmt.Errorf("%w: its URL has a space or control character", errInvalid)

// userAgent is what net/http says of itself: which of the two sends a request should make
// no difference to a server.
const userAgent = "Go-http-client/1.1"

// messages holds where requests are put together.
var messages = sync.Pool{New: func() any { return new([]byte) }}

// maxPooledMessage keeps one large request from pinning its memory.
const maxPooledMessage = 2 * maxBody

func recycle(message *[]byte) {
	if cap(*message) <= maxPooledMessage {
		messages.Put(message)
	}
}

// appendRequest appends a request as it goes over the wire, with its body.
func appendRequest(dst []byte, req *http.Request) ([]byte, error) {
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	dst = append(dst, req.Method...)
	dst = append(dst, ' ')
	target := len(dst)
	dst = appendTarget(dst, req.URL)
	if !isWord(dst[target:]) || !isWord([]byte(host)) {
		return dst, errInvalidURL
	}
	dst = append(dst, " HTTP/1.1\r\n"...)
	dst = appendField(dst, "Host", host)
	dst, err := appendHeader(dst, req.Header)
	if err != nil {
		return dst, err
	}
	if req.Close {
		dst = appendField(dst, "Connection", "close")
	}
	return appendBody(dst, req)
}

// appendTarget appends what u.RequestURI returns, most often without having to make it.
func appendTarget(dst []byte, u *url.URL) []byte {
	if u.Opaque != "" || u.Path == "" || u.ForceQuery {
		return append(dst, u.RequestURI()...)
	}
	dst = append(dst, u.EscapedPath()...)
	if u.RawQuery != "" {
		dst = append(dst, '?')
		dst = append(dst, u.RawQuery...)
	}
	return dst
}

// appendHeader leaves out what the request's other fields decide, and adds what net/http adds.
func appendHeader(dst []byte, header http.Header) ([]byte, error) {
	for name, values := range header {
		if !isToken(name) {
			return dst, fmt.Errorf("%w: the name of a header", errInvalid)
		}
		switch name {
		case "Host", "Content-Length", "Transfer-Encoding", "Trailer":
			continue
		}
		for _, value := range values {
			if !isLine([]byte(value)) {
				return dst, fmt.Errorf("%w: the value of header %s", errInvalid, name)
			}
			dst = appendField(dst, name, value)
		}
	}
	if _, chosen := header["User-Agent"]; !chosen {
		dst = appendField(dst, "User-Agent", userAgent)
	}
	if asksForGzip(header) {
		dst = appendField(dst, "Accept-Encoding", "gzip")
	}
	return dst, nil
}

func appendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

func appendBody(dst []byte, req *http.Request) ([]byte, error) {
	if !hasBody(req) {
		if req.Method == http.MethodPost {
			dst = appendField(dst, "Content-Length", "0")
		}
		return append(dst, "\r\n"...), nil
	}
	dst = appendField(dst, "Content-Length", strconv.FormatInt(req.ContentLength, 10))
	dst = append(dst, "\r\n"...)
	head := len(dst)
	dst = slices.Grow(dst, int(req.ContentLength)+1)[:head+int(req.ContentLength)]
	if _, err := io.ReadFull(req.Body, dst[head:]); err != nil {
		return dst, fmt.Errorf("%w: its body ends early: %w", errInvalid, err)
	}
	if n, _ := req.Body.Read(dst[len(dst) : len(dst)+1]); n > 0 {
		return dst, fmt.Errorf("%w: its body is longer than it said", errInvalid)
	}
	return dst, nil
}
