package graphqlhttp

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-faster/jx"
)

// ParseParams reads parameters from a JSON object and nothing else. Members it does not
// know are ignored. What it returns does not refer to body.
func ParseParams(body []byte) (*Params, *Refusal) {
	start := graphql.Now()
	var params *Params
	var refused *Refusal
	err := decode(body, func(d *jx.Decoder) (err error) {
		params, refused, err = readParams(d, 0)
		return err
	})
	if err != nil {
		return nil, badJSON("The request body", err)
	}
	if refused != nil {
		return nil, refused
	}
	params.read = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

// readParams reads parameters from the next value, which stands depth levels deep. All of the
// value is read, even if it is refused.
func readParams(d *jx.Decoder, depth int) (*Params, *Refusal, error) {
	if d.Next() != jx.Object {
		_, err := readValue(d, depth)
		return nil, malformed("A request is a JSON object with the text of a query."), err
	}
	members, err := d.ObjIter()
	if err != nil {
		return nil, nil, err
	}
	params := &Params{}
	var refused *Refusal
	var seen parameterSet
	for members.Next() {
		name := parameterNamed(string(members.Key()))
		if seen.add(name) {
			return nil, nil, errDuplicate
		}
		wrong, err := params.readMember(d, name, depth+1)
		if err != nil {
			return nil, nil, err
		}
		if refused == nil {
			refused = wrong
		}
	}
	return params, refused, members.Err()
}

// readMember reads the value of one parameter.
func (p *Params) readMember(d *jx.Decoder, name parameter, depth int) (*Refusal, error) {
	switch name {
	case query:
		return readText(d, &p.Query, "The parameter query is not text.", depth)
	case operationName:
		return readText(d, &p.OperationName, "The parameter operationName is not text.", depth)
	case documentID:
		return readText(d, &p.DocumentID, "The parameter documentId is not text.", depth)
	case variables:
		return readMap(d, &p.Variables, "The parameter variables is not an object.", depth)
	case extensions:
		return readMap(d, &p.Extensions, "The parameter extensions is not an object.", depth)
	default:
		_, err := readValue(d, depth)
		return nil, err
	}
}

// readText reads a string, or null, which is as good as nothing.
func readText(d *jx.Decoder, text *string, refusal string, depth int) (refused *Refusal, err error) {
	if d.Next() == jx.String {
		// Str would make room for a text with escapes bit by bit.
		var room [usualText]byte
		bytes, err := d.StrAppend(room[:0])
		*text = string(bytes)
		return nil, err
	}
	return readNull(d, refusal, depth)
}

// usualText is how long most texts are at most.
const usualText = 1 << 10

// readMap reads an object, or null, which is as good as nothing.
func readMap(d *jx.Decoder, object *map[string]any, refusal string, depth int) (refused *Refusal, err error) {
	if d.Next() == jx.Object {
		*object, err = readObject(d, depth+1)
		return nil, err
	}
	return readNull(d, refusal, depth)
}

// readNull reads null, and refuses any other value.
func readNull(d *jx.Decoder, refusal string, depth int) (*Refusal, error) {
	value, err := readValue(d, depth)
	if value != nil {
		return malformed(refusal), err
	}
	return nil, err
}

// malformed refuses what can be read, but is no request.
func malformed(message string) *Refusal {
	return &Refusal{Status: http.StatusUnprocessableEntity, Code: CodeInvalidRequest, Message: message}
}
