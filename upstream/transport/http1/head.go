package http1

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
)

// head is what the head of a plain answer says. Plain is one that is in the buffer as a whole,
// has one Content-Length, and nothing that decides on more than the answer itself. All others
// are for http.ReadResponse, which makes the same of a plain head in twice the time.
type head struct {
	bytes   []byte // all but the empty line at its end; they are the buffer's
	status  int
	length  int64 // of the body
	encoded bool  // the body has a Content-Encoding
}

const protocol = "HTTP/1.1 "

var (
	newline   = []byte("\r\n")
	emptyLine = []byte("\r\n\r\n")
)

// plainHead looks at the head of an answer, and takes nothing out of the buffer.
func plainHead(r *bufio.Reader) (h head, ok bool) {
	buffered, err := r.Peek(r.Buffered())
	end := bytes.Index(buffered, emptyLine)
	if err != nil || end < 0 {
		return h, false
	}
	h.bytes, h.length = buffered[:end], -1
	line, lines, _ := bytes.Cut(h.bytes, newline)
	if h.status, ok = plainStatus(line); !ok {
		return h, false
	}
	for len(lines) > 0 {
		line, lines, _ = bytes.Cut(lines, newline)
		if !h.take(line) {
			return h, false
		}
	}
	return h, h.length >= 0
}

// size is what the head takes in the buffer.
func (h *head) size() int { return len(h.bytes) + len(emptyLine) }

// plainStatus reads the first line of an answer that has a body.
func plainStatus(line []byte) (status int, ok bool) {
	if len(line) < len(protocol)+4 || string(line[:len(protocol)]) != protocol || !isLine(line) {
		return 0, false
	}
	line = line[len(protocol):]
	for _, digit := range line[:3] {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		status = 10*status + int(digit-'0')
	}
	hasBody := status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified
	return status, line[3] == ' ' && hasBody
}

// take reads a field, and reports whether the head is plain with it.
func (h *head) take(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return false
	}
	name, value := line[:colon], trimmed(line[colon+1:])
	if !isToken(name) || !isLine(value) {
		return false
	}
	switch len(name) {
	case len("Content-Length"):
		if is(name, "Content-Length") {
			return h.length < 0 && h.takeLength(value)
		}
	case len("Content-Encoding"):
		h.encoded = h.encoded || is(name, "Content-Encoding")
	case len("Connection"):
		return !is(name, "Connection") || is(value, "keep-alive")
	case len("Transfer-Encoding"):
		return !is(name, "Transfer-Encoding")
	case len("Trailer"): // and of "Upgrade"
		return !is(name, "Trailer") && !is(name, "Upgrade")
	case len("Pragma"):
		return !is(name, "Pragma")
	}
	return true
}

// maxDigits is how many digits a Content-Length may have that is sure to fit.
const maxDigits = 18

func (h *head) takeLength(value []byte) bool {
	h.length = 0
	for _, digit := range value {
		if digit < '0' || digit > '9' {
			return false
		}
		h.length = 10*h.length + int64(digit-'0')
	}
	return 0 < len(value) && len(value) <= maxDigits
}

func is(name []byte, known string) bool {
	return string(name) == known || strings.EqualFold(string(name), known)
}

func trimmed(value []byte) []byte {
	for len(value) > 0 && isSpace(value[0]) {
		value = value[1:]
	}
	for len(value) > 0 && isSpace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return value
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' }
