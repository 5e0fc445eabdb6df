package graphqlstream

import (
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/server/graphqlhttp"
)

// Part is one response to an operation, or a part of one.
type Part struct {
	*graphql.Response
	first bool
}

// Refuses reports whether the operation was not run, or has ended with an error: there is
// no data, not even null.
func (p *Part) Refuses() bool { return p.Data == nil && len(p.Errors) > 0 }

func (p *Part) hasNext() bool { return p.HasNext != nil && *p.HasNext }

// AppendTo appends the part as JSON on one line: a response, and for what was deferred the
// form of the incremental delivery of 2022, {"incremental":[…],"hasNext":…}.
func (p *Part) AppendTo(body []byte) ([]byte, error) {
	start := len(body)
	var err error
	if p.first || p.HasNext == nil {
		body, err = graphqlhttp.AppendResponse(body, p.Response)
	} else {
		body, err = p.appendIncremental(body)
	}
	if err != nil {
		return body[:start], err
	}
	// A line break can only be blank space between two tokens, in JSON of a CRM.
	for i, b := range body[start:] {
		if b == '\n' || b == '\r' {
			body[start+i] = ' '
		}
	}
	return body, nil
}

func (p *Part) appendIncremental(body []byte) ([]byte, error) {
	body = append(body, `{"incremental":[`...)
	body, err := graphqlhttp.AppendResponse(body, &graphql.Response{Data: p.Data, Errors: p.Errors})
	if err != nil {
		return body, err
	}
	// Clients look for the path also of what is deferred at the root.
	if body, err = extend(body, struct {
		Label string   `json:"label,omitempty"`
		Path  ast.Path `json:"path"`
	}{p.Label, append(ast.Path{}, p.Path...)}); err != nil {
		return body, err
	}
	return extend(append(body, "]}"...), struct {
		HasNext    bool           `json:"hasNext"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{p.hasNext(), p.Extensions})
}

// extend appends the members of an object to the object that body ends with.
func extend(body []byte, members any) ([]byte, error) {
	more, err := json.Marshal(members)
	if err != nil {
		return body, err
	}
	body[len(body)-1] = ','
	return append(body, more[1:]...), nil
}
