package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// beginHead puts the status and the handler's header into the message.
func (w *response) beginHead() {
	message := append(w.connection.message[:0], "HTTP/1.0 "...)
	if w.request.ProtoAtLeast(1, 1) {
		message[len("HTTP/1.")] = '1'
	}
	message = strconv.AppendInt(message, int64(w.status), 10)
	message = append(message, ' ')
	if reason := http.StatusText(w.status); reason != "" {
		message = append(message, reason...)
	} else {
		message = strconv.AppendInt(append(message, "status code "...), int64(w.status), 10)
	}
	message = append(message, "\r\n"...)

	var space [8]string
	names := space[:0]
	for name := range w.connection.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch name {
		case "Connection", "Date", "Transfer-Encoding": // endHead knows
			continue
		case "Content-Length":
			if w.length < 0 {
				continue
			}
		}
		for _, value := range w.connection.header[name] {
			message = appendField(message, name, value)
		}
	}
	w.connection.message = message
}

// endHead adds what says how long the body is and what becomes of the connection.
func (w *response) endHead(message []byte) []byte {
	current, head := w.request.ProtoAtLeast(1, 1), w.request.Method == http.MethodHead
	if date := w.connection.header["Date"]; len(date) > 0 {
		message = appendField(message, "Date", date[0])
	} else {
		message = append(message, "Date: "...)
		message = time.Now().UTC().AppendFormat(message, http.TimeFormat)
		message = append(message, "\r\n"...)
	}
	if w.finished && w.length < 0 && w.bodyAllowed() && (!head || w.written > 0) {
		w.length = w.written
		message = append(message, "Content-Length: "...)
		message = append(strconv.AppendInt(message, w.length, 10), "\r\n"...)
	}
	endless := w.length < 0 && !head && w.bodyAllowed()
	// Without chunks, the end of the connection is that of the body.
	w.close = w.close || endless && !current || !w.body.drain()
	w.chunked = endless && current
	switch {
	case w.close && current:
		message = appendField(message, "Connection", "close")
	case !w.close && !current:
		message = appendField(message, "Connection", "keep-alive")
	}
	if w.chunked {
		message = appendField(message, "Transfer-Encoding", "chunked")
	}
	return append(message, "\r\n"...)
}

func appendField(message []byte, name, value string) []byte {
	message = append(append(message, name...), ": "...)
	return append(append(message, value...), "\r\n"...)
}
