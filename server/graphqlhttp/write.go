package graphqlhttp

import (
	"net/http"
	"strconv"
)

// refuse answers a request that is not run.
func (t *Transport) refuse(w http.ResponseWriter, r *http.Request, mediaType string, refused *Refusal) {
	t.write(w, r, t.encodeRefusal(refused, mediaType))
}

// write answers a request, with one Write.
func (t *Transport) write(w http.ResponseWriter, r *http.Request, a answer) {
	defer t.release(a.out)
	header := w.Header()
	values := &[3]string{} // of the header, in one object
	t.setCaching(header, a.keep, (*[2]string)(values[:2]))
	if a.keep.validated {
		tag := entityTag(a)
		header["Etag"] = []string{tag}
		if matches(r.Header["If-None-Match"], tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if a.status == http.StatusUnauthorized {
		header["Www-Authenticate"] = []string{"Bearer"}
	}
	if a.status == http.StatusServiceUnavailable {
		header["Retry-After"] = []string{a.again}
	}
	if a.allow != "" {
		header["Allow"] = []string{a.allow}
	}
	header["Content-Type"] = t.contentType(a)
	values[2] = strconv.Itoa(len(a.out.Buf))
	header["Content-Length"] = values[2:]
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		// A client that has gone does not read the answer; there is nobody to tell.
		_, _ = w.Write(a.out.Buf)
	}
}

// contentType returns the type of an answer. Only what succeeds is plain JSON: by the type of
// an error clients know that it comes from here, and not from something in between.
func (t *Transport) contentType(a answer) []string {
	if a.mediaType == JSON && a.status < http.StatusMultipleChoices {
		return t.headers.json
	}
	return t.headers.responseJSON
}
