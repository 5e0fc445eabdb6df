package front

import (
	"bytes"
	"context"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// maxBlanks is how many bytes of empty lines net/http overlooks behind a POST.
const maxBlanks = 4

// request is a plain request.
type request struct {
	method string
	target string
	url    url.URL
	host   string
	header http.Header
	length int // of the body
	body   body
}

// http returns the request for a handler.
func (r *request) http(ctx context.Context, remote string) *http.Request {
	made := http.Request{
		Method: r.method, URL: &r.url, RequestURI: r.target, Host: r.host, RemoteAddr: remote,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, ContentLength: int64(r.length), Body: http.NoBody,
	}
	if r.length > 0 {
		made.Body = &r.body
	}
	return made.WithContext(ctx)
}

// mayBePlain reports whether something can be the beginning of a plain request.
func mayBePlain(begun []byte) bool {
	return begins(begun, http.MethodPost+" /") || begins(begun, http.MethodGet+" /")
}

// begins reports whether text and prefix are the same as far as there are both.
func begins(text []byte, prefix string) bool {
	n := min(len(text), len(prefix))
	return string(text[:n]) == prefix[:n]
}

// headEnd returns where the head ends that begun begins with, 0 if it does not yet. Its end is an
// empty line, whether or not its lines end as they should.
func headEnd(begun []byte) int {
	end := 0
	for {
		line := bytes.IndexByte(begun[end:], '\n')
		if line < 0 {
			return 0
		}
		end += line + 1
		switch rest := begun[end:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return end + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return end + 2
		}
	}
}

// parseHead reads a whole head. It is not ok if that is not plain.
func parseHead(head []byte) (r *request, ok bool) {
	line, lines, _ := bytes.Cut(head, []byte("\r\n"))
	r = &request{}
	if !r.parseLine(line) {
		return nil, false
	}
	// All values are parts of one text, which is theirs alone. A target is not: documents are
	// kept that were sent in one.
	return r, r.parseHeader(strings.TrimSuffix(string(lines), "\r\n")) && r.host != ""
}

// parseLine reads the first line.
func (r *request) parseLine(line []byte) (ok bool) {
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, protocol, _ := bytes.Cut(rest, []byte(" "))
	if string(protocol) != "HTTP/1.1" || len(target) == 0 || target[0] != '/' || !isVisible(target) {
		return false
	}
	r.method = http.MethodPost
	if string(method) == http.MethodGet {
		r.method = http.MethodGet
	}
	r.target = string(target)
	if isPlainPath(r.target) { // most are, and would be parsed to this
		r.url.Path = r.target
		return true
	}
	parsed, err := url.ParseRequestURI(r.target)
	if err != nil {
		return false
	}
	r.url = *parsed
	return true
}

// parseHeader reads the lines of the header.
func (r *request) parseHeader(lines string) (ok bool) {
	count := strings.Count(lines, "\n")
	r.header = make(http.Header, count)
	values := make([]string, count) // of which most names have one
	for lines != "" {
		var line string
		if line, lines, ok = cutLine(lines); !ok {
			return false
		}
		name, value, found := strings.Cut(line, ":")
		value = trimBlanks(value)
		if !found || !isFieldValue(value) {
			return false
		}
		if !isCanonical(name) {
			if !isToken(name) {
				return false
			}
			name = textproto.CanonicalMIMEHeaderKey(name)
		}
		if name == "Host" {
			if r.host != "" || !isHost(value) {
				return false
			}
			r.host = value
			continue
		}
		if !r.heed(name, value) {
			return false
		}
		if before, again := r.header[name]; again {
			r.header[name] = append(before, value)
			continue
		}
		values[0] = value
		r.header[name], values = values[:1:1], values[1:]
	}
	return true
}

// cutLine cuts lines at the end of the first, which is not ok if that does not end as it should.
func cutLine(lines string) (line, rest string, ok bool) {
	end := strings.IndexByte(lines, '\n')
	if end < 1 || lines[end-1] != '\r' {
		return "", "", false
	}
	return lines[:end-1], lines[end+1:], true
}

// heed does what a line of the header asks for. What asks for more than a plain answer is not ok.
func (r *request) heed(name, value string) (ok bool) {
	switch name {
	case "Content-Length":
		if _, again := r.header[name]; again || len(value) > 5 {
			return false
		}
		length, err := strconv.ParseUint(value, 10, 32)
		r.length = int(length)
		return err == nil && length <= maxBody
	case "Connection":
		return strings.EqualFold(value, "keep-alive")
	case "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Expect", "Http2-Settings", "Pragma":
		return false
	default:
		return true
	}
}
