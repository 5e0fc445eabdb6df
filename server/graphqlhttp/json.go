package graphqlhttp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"crmgraph/graph/admission"
)

// maxDepth is how deep the JSON of a request may be nested: far deeper than any input type
// or filter, and no strain on the stack.
const maxDepth = 64

// maxElements is how many elements of arrays and members of objects a parameter may have in
// all: as many as admission lets variables have. Each takes many times the two bytes that it can
// be written in, so that they are counted before they are built.
const maxElements = admission.DefaultMaxElements

// syntaxError is why text is not taken as JSON.
type syntaxError string

const (
	errNotJSON   syntaxError = "it is not JSON"
	errDuplicate syntaxError = "an object has two members of one name"
	errTooDeep   syntaxError = "it is nested too deeply"
	errTooMany   syntaxError = "it has too many elements"
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
	return (&valueReader{Decoder: d}).value(depth)
}

// readObject reads the next value, which is an object and depth levels deep with it.
func readObject(d *jx.Decoder, depth int) (map[string]any, error) {
	return (&valueReader{Decoder: d}).object(depth)
}

// valueReader reads one value with all that is in it.
type valueReader struct {
	*jx.Decoder
	elements int // so far
}

func (r *valueReader) value(depth int) (any, error) {
	switch r.Next() {
	case jx.Object:
		return r.object(depth + 1)
	case jx.Array:
		return r.array(depth + 1)
	case jx.String:
		return r.Str()
	case jx.Number:
		digits, err := r.Raw()
		return json.Number(digits), err
	case jx.Bool:
		return r.Bool()
	case jx.Null:
		return nil, r.Null()
	default:
		return nil, errNotJSON
	}
}

func (r *valueReader) object(depth int) (map[string]any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	members, err := r.ObjIter()
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	for members.Next() {
		name := string(members.Key())
		if _, ok := object[name]; ok {
			return nil, errDuplicate
		}
		if object[name], err = r.element(depth); err != nil {
			return nil, err
		}
	}
	return object, members.Err()
}

func (r *valueReader) array(depth int) ([]any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	elements, err := r.ArrIter()
	if err != nil {
		return nil, err
	}
	array := []any{}
	for elements.Next() {
		element, err := r.element(depth)
		if err != nil {
			return nil, err
		}
		array = append(array, element)
	}
	return array, elements.Err()
}

// element counts and reads a value that is in another one.
func (r *valueReader) element(depth int) (any, error) {
	if r.elements++; r.elements > maxElements {
		return nil, errTooMany
	}
	return r.value(depth)
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
	case errors.Is(err, errTooMany):
		refusal.Status, refusal.Code = http.StatusUnprocessableEntity, string(admission.CodeVariablesTooMany)
		refusal.Message = where + " has a value with too many elements."
		refusal.Limit, refusal.Value = maxElements, maxElements+1
	default:
		refusal.Message = where + " is not one JSON value in UTF-8."
	}
	return refusal
}
