package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

const protocol = "HTTP/1.1 "

// plainHead reads the head of an answer that is plain: all of it in the buffer, with one
// Content-Length, and nothing in it that decides on more than the answer itself. The rest,
// of which nothing was taken out of the buffer then, is for http.ReadResponse, which makes
// the same of a plain head in twice the time.
func plainHead(r *bufio.Reader, req *http.Request) (resp *http.Response, ok bool) {
	buffered, err := r.Peek(r.Buffered())
	if err != nil {
		return nil, false
	}
	end := bytes.Index(buffered, []byte("\r\n\r\n"))
	if end < 0 || !bytes.HasPrefix(buffered, []byte(protocol)) {
		return nil, false
	}
	head := string(buffered[:end]) // all texts of the response are parts of it
	line, rest, _ := strings.Cut(head, "\r\n")
	status := line[len(protocol):]
	code, ok := plainStatus(status)
	if !ok {
		return nil, false
	}
	header, length, ok := plainHeader(rest)
	if !ok {
		return nil, false
	}
	_, _ = r.Discard(end + 4) // they are in the buffer
	return &http.Response{
		Status: status, StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: length, Body: &sized{reader: r, left: length}, Request: req,
	}, true
}

// plainStatus reads a status whose answer has a body.
func plainStatus(status string) (code int, ok bool) {
	if len(status) < 4 || status[3] != ' ' || strings.ContainsFunc(status, isControl) {
		return 0, false
	}
	digits, err := strconv.ParseUint(status[:3], 10, 16)
	code = int(digits)
	return code, err == nil && code >= http.StatusOK && code != http.StatusNoContent && code != http.StatusNotModified
}

// plainHeader reads the lines of a header.
func plainHeader(lines string) (header http.Header, length int64, ok bool) {
	count := strings.Count(lines, "\r\n") + 1
	header = make(http.Header, count)
	values := make([]string, count) // of which each name has one
	length = -1
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, found := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if !found || !isToken(name) || strings.ContainsFunc(value, isControl) {
			return nil, 0, false
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		switch name {
		case "Content-Length":
			if length, ok = plainLength(value); !ok {
				return nil, 0, false
			}
		case "Connection":
			if !strings.EqualFold(value, "keep-alive") {
				return nil, 0, false
			}
		case "Transfer-Encoding", "Trailer", "Upgrade", "Pragma":
			return nil, 0, false
		}
		if _, twice := header[name]; twice {
			return nil, 0, false
		}
		values[0] = value
		header[name], values = values[:1:1], values[1:]
	}
	return header, length, length >= 0
}

func plainLength(value string) (int64, bool) {
	length, err := strconv.ParseUint(value, 10, 62)
	return int64(length), err == nil
}

// isControl reports whether r cannot stand in a value.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// sized is a body of known length.
type sized struct {
	reader *bufio.Reader
	left   int64
}

// Close is part of io.ReadCloser. What is left is for whoever owns the connection.
func (*sized) Close() error { return nil }

func (s *sized) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.reader.Read(p)
	s.left -= int64(n)
	switch {
	case s.left == 0:
		err = io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
