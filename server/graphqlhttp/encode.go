package graphqlhttp

import (
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// beforeData is what stands before the data of a response without errors.
const beforeData = `{"data":`

// AppendResponse appends a response as encoding/json would, with two differences. The data is
// the executor's, byte for byte: encoding/json would scan, compact and escape all of it
// once more. And where there are errors and no data at all, not even null, the operation was
// not run, and the response has no entry for it.
func AppendResponse(body []byte, response *graphql.Response) ([]byte, error) {
	switch {
	case len(response.Errors) == 0:
		body = append(body, beforeData...)
		body = appendData(body, response.Data)
	default:
		errs, err := json.Marshal(response.Errors)
		if err != nil {
			return body, err
		}
		body = append(body, `{"errors":`...)
		body = append(body, errs...)
		if response.Data != nil {
			body = append(body, `,"data":`...)
			body = append(body, response.Data...)
		}
	}
	return appendTail(body, response)
}

// appendData appends data, null where there is none.
func appendData(body []byte, data json.RawMessage) []byte {
	if data == nil {
		return append(body, "null"...)
	}
	return append(body, data...)
}

// appendTail appends what stands behind the data of a response, and closes it.
func appendTail(body []byte, response *graphql.Response) ([]byte, error) {
	if response.Label == "" && len(response.Path) == 0 && response.HasNext == nil && len(response.Extensions) == 0 {
		return append(body, '}'), nil
	}
	tail, err := json.Marshal(struct {
		Label      string         `json:"label,omitempty"`
		Path       ast.Path       `json:"path,omitempty"`
		HasNext    *bool          `json:"hasNext,omitempty"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{response.Label, response.Path, response.HasNext, response.Extensions})
	if err != nil {
		return body, err
	}
	tail[0] = ',' // in place of the brace that opens it
	return append(body, tail...), nil
}
