package graphqlhttp

import (
	"bytes"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// encode writes a response as encoding/json would, except that the data is the executor's,
// byte for byte: encoding/json would scan, compact and escape all of it once more.
func encode(body *bytes.Buffer, response *graphql.Response) error {
	if response == nil { // the request ended before its operation ran
		body.WriteString("null")
		return nil
	}
	body.WriteByte('{')
	if len(response.Errors) > 0 {
		errs, err := json.Marshal(response.Errors)
		if err != nil {
			return err
		}
		body.WriteString(`"errors":`)
		body.Write(errs)
		body.WriteByte(',')
	}
	body.WriteString(`"data":`)
	if response.Data == nil {
		body.WriteString("null")
	} else {
		body.Write(response.Data)
	}
	return encodeTail(body, response)
}

// encodeTail writes what stands behind the data of a response, and closes it.
func encodeTail(body *bytes.Buffer, response *graphql.Response) error {
	if response.Label == "" && len(response.Path) == 0 && response.HasNext == nil && len(response.Extensions) == 0 {
		body.WriteByte('}')
		return nil
	}
	tail, err := json.Marshal(struct {
		Label      string         `json:"label,omitempty"`
		Path       ast.Path       `json:"path,omitempty"`
		HasNext    *bool          `json:"hasNext,omitempty"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{response.Label, response.Path, response.HasNext, response.Extensions})
	if err != nil {
		return err
	}
	tail[0] = ',' // in place of the brace that opens it
	body.Write(tail)
	return nil
}
