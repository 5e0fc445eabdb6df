package graphqlhttp

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// post answers what a body asks for: one operation, or a list of them.
func (t *Transport) post(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, mediaType string) {
	if !SendsJSON(r) {
		t.refuse(w, r, mediaType, &Refusal{
			Status: http.StatusUnsupportedMediaType, Code: CodeUnsupportedMedia,
			Message: "Send the operation as JSON in UTF-8, with Content-Type: application/json.",
		})
		return
	}
	body := t.body()
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.refuse(w, r, mediaType, unreadable(err))
		return
	}
	// Nothing that is read refers to the body.
	defer t.releaseBody(body)
	if isList(body.Bytes()) {
		t.write(w, r, t.postList(t.context(r), r.Header, exec, body.Bytes(), mediaType))
		return
	}
	params, refused := ParseParams(body.Bytes())
	if refused != nil {
		t.refuse(w, r, mediaType, refused)
		return
	}
	t.write(w, r, t.answer(t.context(r), exec, request{params: params, header: r.Header, mediaType: mediaType}))
}

// postList answers a body that is a list.
func (t *Transport) postList(ctx context.Context, header http.Header, exec graphql.GraphExecutor, body []byte, mediaType string) answer {
	if Negotiate(header["Accept"], JSON) == "" {
		return t.encodeRefusal(notAcceptable("Lists are answered with application/json."), mediaType)
	}
	entries, refused := parseBatch(body, t.opts.MaxBatch)
	if refused != nil {
		return t.encodeRefusal(refused, mediaType)
	}
	return t.batch(ctx, exec, header, entries)
}

// unreadable is the refusal of a body that could not be read.
func unreadable(err error) *Refusal {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Refusal{
			Status: http.StatusRequestEntityTooLarge, Code: CodeBodyTooLarge,
			Message: "The request body is too large.", Limit: int(tooLarge.Limit),
		}
	}
	return &Refusal{Status: http.StatusBadRequest, Code: CodeInvalidRequest, Message: "The request body could not be read."}
}

// body returns an empty buffer.
func (t *Transport) body() *bytes.Buffer {
	if body, ok := t.bodies.Get().(*bytes.Buffer); ok {
		return body
	}
	return &bytes.Buffer{}
}

// releaseBody gives a buffer back, which nobody may use any more.
func (t *Transport) releaseBody(body *bytes.Buffer) {
	if body.Cap() <= maxPooled {
		body.Reset()
		t.bodies.Put(body)
	}
}
