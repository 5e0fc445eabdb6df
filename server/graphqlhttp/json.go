package graphqlhttp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// maxDepth is how deep the JSON of a request may be nested: far deeper than any input type
// or filter, and no strain on the stack.
const maxDepth = 64

// syntaxError is why text is not taken as JSON.
type syntaxError string

const (
	errNotJSON   syntaxError = "it is not JSON"
	errDuplicate syntaxError = "an object has two members of one name"
	errTooDeep   syntaxError = "it is nested too deeply"
)

// Error is part of error.
func (e syntaxError) Error() string { return string(e) }

// decode has read take a JSON value from text, which holds nothing else.
func decode(text []byte, read func(*jx.Decoder) error) error {
	if !utf8.Valid(text) {
		return errNotJSON
	}
	d := jx.DecodeBytes(text)
	if err := read(d); err != nil {
		return err
	}
	// Of a value that is cut off, Skip finds the end as well.
	if d.Next() != jx.Invalid || !errors.Is(d.Skip(), io.EOF) {
		return errNotJSON
	}
	return nil
}

// readValue reads the next value, which stands depth levels deep: nil, bool, string,
// json.Number, []any or map[string]any.
func readValue(d *jx.Decoder, depth int) (any, error) {
	switch d.Next() {
	case jx.Object:
		return readObject(d, depth+1)
	case jx.Array:
		return readArray(d, depth+1)
	case jx.String:
		return d.Str()
	case jx.Number:
		digits, err := d.Raw()
		return json.Number(digits), err
	case jx.Bool:
		return d.Bool()
	case jx.Null:
		return nil, d.Null()
	default:
		return nil, errNotJSON
	}
}

func readObject(d *jx.Decoder, depth int) (map[string]any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	members, err := d.ObjIter()
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	for members.Next() {
		name := string(members.Key())
		if _, ok := object[name]; ok {
			return nil, errDuplicate
		}
		if object[name], err = readValue(d, depth); err != nil {
			return nil, err
		}
	}
	return object, members.Err()
}

func readArray(d *jx.Decoder, depth int) ([]any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	elements, err := d.ArrIter()
	if err != nil {
		return nil, err
	}
	array := []any{}
	for elements.Next() {
		element, err := readValue(d, depth)
		if err != nil {
			return nil, err
		}
		array = append(array, element)
	}
	return array, elements.Err()
}

// badJSON is the refusal of text that failed with err. where begins its message.
func badJSON(where string, err error) *Refusal {
	refusal := &Refusal{Status: http.StatusBadRequest, Code: CodeInvalidJSON}
	switch {
	case errors.Is(err, errTooDeep):
		refusal.Message = where + " is nested too deeply."
		refusal.Limit, refusal.Value = maxDepth, maxDepth+1
	case errors.Is(err, errDuplicate):
		refusal.Message = where + " has an object with two members of one name."
	default:
		refusal.Message = where + " is not one JSON value in UTF-8."
	}
	return refusal
}
