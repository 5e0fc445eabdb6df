package compress

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"crmgraph/server/middleware"
)

// writer decides with the first part of a body what becomes of it, and until then holds the
// header back.
type writer struct {
	http.ResponseWriter
	request  *http.Request
	offers   *offers
	encoding *encoding // nil if the client accepts none
	minSize  int

	status  int     // 0 until the handler gave one
	begun   bool    // the header is written
	encoder encoder // nil unless the body is a compressed one of several parts

	bodiless bool // nothing is written: net/http tells the length of what a handler of HEAD writes
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	// Informational answers precede the real one; a connection that changes its protocol has none.
	if status < http.StatusOK {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status == 0 {
		w.status = status
	}
}

func (w *writer) Write(p []byte) (int, error) {
	if !w.begun {
		if w.compresses(len(p)) && w.isWhole(len(p)) && !w.isHead() {
			return w.writeWhole(p)
		}
		w.begin(len(p))
	}
	if w.bodiless {
		return len(p), nil
	}
	if w.encoder != nil {
		return w.encoder.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// Flush sends what there is. A body that begins with it is a stream, and stays as it is.
func (w *writer) Flush() {
	if !w.begun {
		w.begin(0)
	}
	if encoder, ok := w.encoder.(flusher); ok {
		// That nobody can be told is found again by the next Write.
		_ = encoder.Flush()
	}
	// A writer that cannot flush sends everything at the end, which is no error.
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// finish ends the body.
func (w *writer) finish() {
	if !w.begun && w.status != 0 {
		w.begin(0)
	}
	if w.encoder != nil {
		// A client that has gone does not read the answer; there is nobody to tell.
		_ = w.encoder.Close()
		w.encoding.release(w.encoder)
		w.encoder = nil
	}
}

// choose returns what the client accepts most of some encodings.
func (w *writer) choose(from []*encoding) *encoding {
	return choose(w.request.Header["Accept-Encoding"], from)
}

// begin writes the header of a body whose first part has that many bytes.
func (w *writer) begin(first int) {
	if w.encoding != nil && !w.encoding.flushes && !w.isHead() {
		w.encoding = w.choose(w.offers.flushing)
	}
	if w.encoding != nil {
		w.encode(first)
	}
	w.writeHeader()
}

// encode has a body whose first part has that many bytes compressed, if it is to be.
func (w *writer) encode(first int) {
	header := w.Header()
	if length := header.Get("Content-Length"); length != "" {
		first, _ = strconv.Atoi(length) // net/http refuses what is no number
	}
	switch {
	case !w.compresses(first):
	case w.isHead():
		// The body that GET would bring is not this long, and has the weak tag.
		weaken(header)
		header.Del("Content-Length")
		w.bodiless = true
	default:
		w.describe(header)
		header.Del("Content-Length")
		w.encoder = w.encoding.start(w.ResponseWriter)
	}
}

// writeHeader writes the header as it is by now.
func (w *writer) writeHeader() {
	header := w.Header()
	if w.status == http.StatusNotModified {
		repeatWeak(header, w.request.Header)
	}
	// A cache takes over what a 304 says of the response it has (RFC 9110, section 15.4.5), which varies.
	if w.status == http.StatusNotModified || isText(header) {
		header["Vary"] = append(header["Vary"], "Accept-Encoding")
	}
	w.begun = true
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.ResponseWriter.WriteHeader(w.status)
}

// isWhole reports whether n bytes are all of the body.
func (w *writer) isWhole(n int) bool { return w.Header().Get("Content-Length") == strconv.Itoa(n) }

// maxPooled is the largest buffer, in bytes, that is kept for the next response.
const maxPooled = 1 << 20

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writeWhole compresses a body at once, so that its length is known still.
func (w *writer) writeWhole(body []byte) (int, error) {
	packed := buffers.Get().(*bytes.Buffer)
	packed.Reset()
	defer func() {
		if packed.Cap() <= maxPooled {
			buffers.Put(packed)
		}
	}()
	encoder := w.encoding.start(packed)
	_, err := encoder.Write(body)
	if err == nil {
		err = encoder.Close()
	}
	w.encoding.release(encoder)
	if err != nil || packed.Len() >= len(body) {
		w.writeHeader()
		return w.ResponseWriter.Write(body)
	}
	header := w.Header()
	w.describe(header)
	header.Set("Content-Length", strconv.Itoa(packed.Len()))
	w.writeHeader()
	if _, err := w.ResponseWriter.Write(packed.Bytes()); err != nil {
		return 0, err
	}
	return len(body), nil
}

// describe says in the header that the body is compressed.
func (w *writer) describe(header http.Header) {
	header.Set("Content-Encoding", w.encoding.name)
	header.Del("Accept-Ranges")
	weaken(header)
}

// weaken makes a tag the weak one of all forms of the body.
func weaken(header http.Header) {
	if tag := header.Get("ETag"); strings.HasPrefix(tag, `"`) {
		header.Set("ETag", "W/"+tag)
	}
}

func (w *writer) isHead() bool { return w.request.Method == http.MethodHead }

// compresses reports whether a body of that size, or that begins with so much, is to be
// compressed.
func (w *writer) compresses(size int) bool {
	header := w.Header()
	return w.encoding != nil && size >= w.minSize &&
		(w.status == 0 || w.status >= http.StatusOK && w.status != http.StatusNoContent &&
			w.status != http.StatusPartialContent && w.status != http.StatusNotModified) &&
		header.Get("Content-Encoding") == "" && isText(header) &&
		!strings.Contains(header.Get("Cache-Control"), "no-transform")
}

// isText reports whether a body is of a kind that compresses and is no stream.
func isText(header http.Header) bool {
	contentType, _, _ := strings.Cut(middleware.First(header, "Content-Type"), ";")
	switch contentType = strings.ToLower(strings.TrimSpace(contentType)); contentType {
	case "text/event-stream":
		return false
	case "application/json", "application/graphql-response+json", "application/javascript", "image/svg+xml":
		return true
	default:
		return strings.HasPrefix(contentType, "text/")
	}
}

// repeatWeak gives a 304 the tag that the client has, if that is the weak form of the
// handler's: it had the response compressed.
func repeatWeak(header, asked http.Header) {
	weak := "W/" + header.Get("ETag")
	for _, line := range asked.Values("If-None-Match") {
		for tag := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(tag) == weak {
				header.Set("ETag", weak)
				return
			}
		}
	}
}
