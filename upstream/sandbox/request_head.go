package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// headError says why a request is refused for its head.
type headError struct {
	status int
	detail string
}

// Error is the status and the body of the refusal.
func (e headError) Error() string {
	text := strconv.Itoa(e.status) + " " + http.StatusText(e.status)
	if e.detail != "" {
		text += ": " + e.detail
	}
	return text
}

// checkHead refuses what http.ReadRequest lets pass and a server must not.
func checkHead(r *http.Request) error {
	if r.ProtoMajor != 1 {
		return headError{http.StatusHTTPVersionNotSupported, "unsupported protocol version"}
	}
	if r.ProtoAtLeast(1, 1) && r.Host == "" && r.Method != http.MethodConnect {
		return headError{http.StatusBadRequest, "missing required Host header"}
	}
	for name := range r.Header {
		if strings.Contains(name, " ") {
			return headError{http.StatusBadRequest, "invalid header name"}
		}
	}
	return nil
}

// expectsContinue reports whether the client may wait for "100 Continue" before it sends the body.
func expectsContinue(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Expect"), "100-continue")
}
