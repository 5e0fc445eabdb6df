package graphqlhttp

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-faster/jx"
)

// ParseQuery reads parameters from the query string of an address. Those it does not know
// are ignored, and empty ones are as good as none.
func ParseQuery(raw string) (*Params, *Refusal) {
	p := &Params{}
	p.read.Start = graphql.Now()
	var seen parameterSet
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, ok := unescape(pair)
		if !ok {
			return nil, &Refusal{
				Status: http.StatusBadRequest, Code: CodeInvalidRequest,
				Message: "The query string is not encoded as application/x-www-form-urlencoded in UTF-8.",
			}
		}
		parameter := parameterNamed(name)
		if seen.add(parameter) {
			return nil, malformed("The query string has a parameter twice.")
		}
		if refused := p.set(parameter, value); refused != nil {
			return nil, refused
		}
	}
	p.read.End = graphql.Now()
	return p, nil
}

// unescape decodes one pair of a query string. A semicolon is a character like any other.
func unescape(pair string) (name, value string, ok bool) {
	name, value, _ = strings.Cut(pair, "=")
	name, errName := url.QueryUnescape(name)
	value, errValue := url.QueryUnescape(value)
	return name, value, errName == nil && errValue == nil && utf8.ValidString(name) && utf8.ValidString(value)
}

// set takes one parameter of a query string.
func (p *Params) set(name parameter, value string) *Refusal {
	switch name {
	case query:
		p.Query = value
	case operationName:
		p.OperationName = value
	case documentID:
		p.DocumentID = value
	case variables:
		return setMap(&p.Variables, value, "The parameter variables")
	case extensions:
		return setMap(&p.Extensions, value, "The parameter extensions")
	default:
	}
	return nil
}

// setMap takes a parameter that is a JSON object. what begins the message of its refusal.
func setMap(object *map[string]any, text, what string) (refused *Refusal) {
	if text == "" {
		return nil
	}
	err := decode([]byte(text), func(d *jx.Decoder) (err error) {
		refused, err = readMap(d, object, what+" is not an object.", 0)
		return err
	})
	if err != nil {
		return badJSON(what, err)
	}
	return refused
}
