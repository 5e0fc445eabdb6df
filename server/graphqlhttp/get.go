package graphqlhttp

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// get answers what the query string of an address asks for; HEAD is the same without the
// body.
func (t *Transport) get(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, mediaType string) {
	if got := len(r.URL.RawQuery); got > t.opts.MaxQuery {
		t.refuse(w, r, mediaType, &Refusal{
			Status: http.StatusRequestURITooLong, Code: CodeURITooLong,
			Message: "The query string is too long. Send the operation with POST.", Limit: t.opts.MaxQuery, Value: got,
		})
		return
	}
	params, refused := ParseQuery(r.URL.RawQuery)
	if refused != nil {
		t.refuse(w, r, mediaType, refused)
		return
	}
	a := t.answer(t.context(r), exec, request{params: params, header: r.Header, mediaType: mediaType, safe: true})
	t.write(w, r, a)
}
