package http1

import (
	"net/http"
	"net/textproto"
	"strings"
)

// respond makes a response of a plain head, unless a field is there twice.
func (c *conn) respond(h *head, req *http.Request) (resp *http.Response, ok bool) {
	line, lines, _ := strings.Cut(string(h.bytes), "\r\n") // all texts of the response are parts of it
	header, ok := headerOf(lines)
	if !ok {
		return nil, false
	}
	_, _ = c.reader.Discard(h.size()) // it is in the buffer
	return &http.Response{
		Status: line[len(protocol):], StatusCode: h.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: h.length, Body: &sized{reader: c.reader, left: h.length}, Request: req,
	}, true
}

// headerOf makes a header of the lines of a plain head.
func headerOf(lines string) (header http.Header, ok bool) {
	count := strings.Count(lines, "\r\n") + 1
	header = make(http.Header, count)
	values := make([]string, count) // of which each name has one
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, _ := strings.Cut(line, ":")
		name = textproto.CanonicalMIMEHeaderKey(name)
		if _, twice := header[name]; twice {
			return nil, false
		}
		values[0] = strings.Trim(value, " \t")
		header[name], values = values[:1:1], values[1:]
	}
	return header, true
}
