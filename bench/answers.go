package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// agreed is what the servers have in common in their answers to a query, and what not.
type agreed struct {
	calls     []map[string]int // of each server, by endpoint
	sameBytes []bool           // whether each wrote the very bytes that the first wrote
}

// compareAll compares the answers to all questions.
func (a *arena) compareAll(ctx context.Context, questions []question) ([]agreed, error) {
	found := make([]agreed, len(questions))
	for i, q := range questions {
		var err error
		if found[i], err = a.compare(ctx, q); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// compare asks every server the same and fails unless all answer, without errors, with the
// same JSON: the same members and elements, and texts and numbers of the same characters.
func (a *arena) compare(ctx context.Context, q question) (agreed, error) {
	var result agreed
	var first []byte
	var want any
	for i, s := range a.servers {
		if s.keeps {
			if _, _, err := a.askOnce(ctx, s, q); err != nil {
				return agreed{}, err
			}
		}
		body, calls, err := a.askOnce(ctx, s, q)
		if err != nil {
			return agreed{}, err
		}
		got, err := parse(body)
		if err != nil {
			return agreed{}, fmt.Errorf("%s: %s is answered with what is no JSON: %w", s.name, q.Name, err)
		}
		if object, ok := got.(map[string]any); !ok || object["data"] == nil || object["errors"] != nil {
			return agreed{}, fmt.Errorf("%s: %s has failed: %.400s", s.name, q.Name, body)
		}
		if i == 0 {
			first, want = body, got
		}
		if path := difference("", want, got); path != "" {
			return agreed{}, fmt.Errorf("%s: %s is answered otherwise than by %s, at %s", s.name, q.Name, a.servers[0].name, path)
		}
		result.calls = append(result.calls, calls)
		result.sameBytes = append(result.sameBytes, bytes.Equal(first, body))
	}
	return result, nil
}

// parse reads JSON without making floats of its numbers.
func parse(body []byte) (any, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err := decoder.Decode(&value)
	return value, err
}

// difference returns the path to the first place where two values differ, "" if none.
func difference(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok && len(got) == len(want) {
			for key, value := range want {
				if _, ok := got[key]; !ok {
					return path + "." + key + ": missing"
				}
				if at := difference(path+"."+key, value, got[key]); at != "" {
					return at
				}
			}
			return ""
		}
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			for i, value := range want {
				if at := difference(fmt.Sprintf("%s[%d]", path, i), value, got[i]); at != "" {
					return at
				}
			}
			return ""
		}
	default:
		if reflect.DeepEqual(want, got) {
			return ""
		}
	}
	return fmt.Sprintf("%s: %.100v in place of %.100v", path, got, want)
}
