package graphqlhttp

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// post takes an operation as a JSON object in the body.
type post struct{ *responder }

// Supports is part of graphql.Transport.
func (post) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && sendsJSON(r) && !upgrades(r)
}

// Do is part of graphql.Transport.
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	setContentType(w, r)
	params := &graphql.RawParams{Headers: r.Header}
	params.ReadTime.Start = graphql.Now()
	if err := decode(r.Body, params); err != nil {
		// Neither the body nor the decoder's error, which quotes it, goes back to the client.
		p.refuse(w, http.StatusBadRequest, "The request body is not a JSON object with a query.")
		return
	}
	params.ReadTime.End = graphql.Now()
	if op := p.create(r.Context(), w, exec, params); op != nil {
		p.run(r.Context(), w, exec, op)
	}
}

// decode reads one JSON value; numbers keep their digits.
func decode(r io.Reader, value any) error {
	decoder := json.NewDecoder(r)
	decoder.UseNumber()
	return decoder.Decode(value)
}
