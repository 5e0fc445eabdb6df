package front

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// said is what the header of a handler said, when it was written, of what else is in the head.
type said struct {
	contentType bool // or that there is to be none
	encoding    bool // the content is not what it looks like
	date        bool
	connection  []string
}

func sayingOf(header http.Header) said {
	_, contentType := header["Content-Type"]
	_, date := header["Date"]
	return said{
		contentType: contentType,
		encoding:    firstOf(header["Content-Encoding"]) != "",
		date:        date,
		connection:  slices.Clone(header["Connection"]),
	}
}

// firstOf is http.Header.Get for the values of a name that is known to be canonical.
func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func (w *response) writeStatus(status int) {
	w.hold("HTTP/1.1 ")
	w.out.held = strconv.AppendInt(w.out.held, int64(status), 10)
	w.hold(" ")
	if text := http.StatusText(status); text != "" {
		w.hold(text)
	} else {
		w.hold("status code ")
		w.out.held = strconv.AppendInt(w.out.held, int64(status), 10)
	}
	w.hold("\r\n")
}

// writeHeader writes the handler's header as it is now, sorted, but for what is decided when the
// head is completed. What could be taken for more than one line is made one; what is no name is
// left out.
func (w *response) writeHeader(withoutType bool) {
	w.out.sortNames(w.header)
	for _, name := range w.out.names {
		switch name {
		case "Content-Length", "Transfer-Encoding", "Connection":
			continue
		case "Content-Type":
			if withoutType {
				continue
			}
		}
		for _, value := range w.header[name] {
			w.writeField(name, value)
		}
	}
}

// sortNames has the names of a header that are names. Those of the answer before may do: most
// answers of a server have the same.
func (o *output) sortNames(header http.Header) {
	if o.hasNamesOf(header) {
		return
	}
	o.names = o.names[:0]
	for name := range header {
		if isToken(name) {
			o.names = append(o.names, name)
		}
	}
	slices.Sort(o.names)
}

// hasNamesOf reports whether the names are all those of a header.
func (o *output) hasNamesOf(header http.Header) bool {
	if len(o.names) != len(header) {
		return false
	}
	for _, name := range o.names {
		if _, ok := header[name]; !ok {
			return false
		}
	}
	return true
}

var newlines = strings.NewReplacer("\r", " ", "\n", " ")

func (w *response) writeField(name, value string) {
	if strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '\r') >= 0 {
		value = newlines.Replace(value)
	}
	w.hold(name)
	w.hold(": ")
	w.hold(trimBlanks(value))
	w.hold("\r\n")
}

// completeHead writes the rest of the head, before the first part of the body is. The body ends with
// that if the handler has returned.
func (w *response) completeHead(first []byte) {
	w.headed = true
	if !w.said.date {
		w.writeField("Date", w.conn.server.clock.date(time.Now()))
	}
	if w.hasBody() {
		w.writeContent(first)
	}
	w.close = w.conn.server.sweeper.down.Load()
	for _, value := range w.said.connection {
		w.close = w.close || strings.EqualFold(value, "close")
	}
	if w.close {
		w.hold("Connection: close\r\n")
	} else {
		for _, value := range w.said.connection {
			w.writeField("Connection", value)
		}
	}
	if w.chunked {
		w.hold("Transfer-Encoding: chunked\r\n")
	}
	w.hold("\r\n")
}

// writeContent writes what the head says of the body.
func (w *response) writeContent(first []byte) {
	if w.length < 0 && w.ended {
		w.length = int64(len(first))
	}
	if w.chunked = w.length < 0; !w.chunked {
		w.hold("Content-Length: ")
		w.out.held = strconv.AppendInt(w.out.held, w.length, 10)
		w.hold("\r\n")
	}
	if !w.said.contentType && !w.said.encoding && len(first) > 0 {
		w.writeField("Content-Type", http.DetectContentType(first))
	}
}
