package admission

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// CheckVariables returns why the variables of an operation, as decoded from JSON, are too
// much to be looked at any further, or nil. It stops at the first limit.
func (g *Gate) CheckVariables(variables map[string]any) *gqlerror.Error {
	c := variableCheck{limits: &g.variables}
	for name, value := range variables {
		if !c.enter(name, 0) {
			break
		}
		c.value(value, 0)
	}
	return c.err
}

type variableCheck struct {
	limits          *VariableLimits
	bytes, elements int
	err             *gqlerror.Error
}

// add counts one element and the bytes of its name.
func (c *variableCheck) add(name int) {
	if c.elements++; c.elements > c.limits.MaxElements {
		c.refuse(CodeVariablesTooMany, c.elements, c.limits.MaxElements)
	}
	c.grow(name)
}

// grow counts bytes.
func (c *variableCheck) grow(bytes int) {
	if c.bytes += bytes; c.bytes > c.limits.MaxBytes {
		c.refuse(CodeVariablesTooLong, c.bytes, c.limits.MaxBytes)
	}
}

func (c *variableCheck) refuse(code Code, value, limit int) {
	if c.err == nil {
		c.err = exceeded(code, value, limit)
	}
}

// value counts what is in a value inside of that many lists and objects.
func (c *variableCheck) value(value any, depth int) {
	switch v := value.(type) {
	case string:
		c.grow(len(v))
	case json.Number:
		c.grow(len(v))
	case []any:
		for _, element := range v {
			if !c.enter("", depth+1) {
				return
			}
			c.value(element, depth+1)
		}
	case map[string]any:
		for name, element := range v {
			if !c.enter(name, depth+1) {
				return
			}
			c.value(element, depth+1)
		}
	}
}

// enter counts an element and reports whether it may be looked at.
func (c *variableCheck) enter(name string, depth int) bool {
	if depth > c.limits.MaxDepth {
		c.refuse(CodeVariablesTooDeep, depth, c.limits.MaxDepth)
	}
	c.add(len(name))
	return c.err == nil
}
