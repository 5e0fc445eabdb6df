package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// record is a JSON object that keeps the order of its members: a GraphQL answer has
// them in the order in which they were asked for.
type record []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (r record) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range r {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := encodeJSON(m.name, "")
		if err != nil {
			return nil, err
		}
		value, err := encodeJSON(m.value, "")
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// encodeJSON writes a value without the escapes that only HTML needs.
func encodeJSON(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// anyCursor stands for every cursor in expected answers: cursors are opaque.
const anyCursor = "*"

// normal writes JSON in one way: members in their order, numbers as they are, cursors
// masked, one value a line.
func normal(text []byte) (string, error) {
	tree, err := readTree(text)
	if err != nil {
		return "", fmt.Errorf("%w in %.200s", err, text)
	}
	out, err := encodeJSON(maskCursors(tree), "  ")
	return string(out), err
}

func readTree(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	tree, err := readValue(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return tree, nil
}

func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		object := record{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := readValue(decoder)
			if err != nil {
				return nil, err
			}
			object = append(object, member{name: name.(string), value: value})
		}
		_, err = decoder.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := readValue(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = decoder.Token()
		return list, err
	default:
		return token, nil
	}
}

func maskCursors(tree any) any {
	switch tree := tree.(type) {
	case record:
		for i, m := range tree {
			switch m.name {
			case "cursor", "startCursor", "endCursor":
				if m.value != nil {
					tree[i].value = anyCursor
				}
			default:
				tree[i].value = maskCursors(m.value)
			}
		}
	case []any:
		for i := range tree {
			tree[i] = maskCursors(tree[i])
		}
	}
	return tree
}

// endCursor returns the first endCursor in an answer, empty when there is none.
func endCursor(tree any) string {
	switch tree := tree.(type) {
	case record:
		for _, m := range tree {
			if cursor, ok := m.value.(string); ok && m.name == "endCursor" {
				return cursor
			}
			if cursor := endCursor(m.value); cursor != "" {
				return cursor
			}
		}
	case []any:
		for _, element := range tree {
			if cursor := endCursor(element); cursor != "" {
				return cursor
			}
		}
	}
	return ""
}
