package admission

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// shape returns what the types of fields have in common that can be merged: lists, what
// cannot be null and, for values without fields, the type.
func (o *overlaps) shape(field *ast.Field) string {
	if shape, known := o.shapes[field.Definition]; known {
		return shape
	}
	shape := field.Definition.Type.String()
	name := field.Definition.Type.Name()
	if o.schema.Types[name].IsCompositeType() {
		shape = strings.Replace(shape, name, "{}", 1)
	}
	o.shapes[field.Definition] = shape
	return shape
}

// call returns a number that fields with the same arguments have in common. Arguments and the
// fields of input objects have no order.
func (o *overlaps) call(field *ast.Field) int {
	if len(field.Arguments) == 0 {
		return 0
	}
	if call, known := o.calls[field]; known {
		return call
	}
	arguments := slices.Clone(field.Arguments)
	slices.SortStableFunc(arguments, func(a, b *ast.Argument) int { return strings.Compare(a.Name, b.Name) })
	var text []byte
	for _, argument := range arguments {
		text = appendNamed(text, argument.Name, argument.Value)
	}
	call, known := o.numbers[string(text)]
	if !known {
		call = len(o.numbers) + 1
		o.numbers[string(text)] = call
	}
	o.calls[field] = call
	return call
}

func appendNamed(text []byte, name string, value *ast.Value) []byte {
	text = append(text, name...)
	text = append(text, ':')
	return appendValue(text, value)
}

// appendValue appends the kind of a value, its length and itself, so that no two values
// read the same.
func appendValue(text []byte, value *ast.Value) []byte {
	size := len(value.Raw)
	children := value.Children
	if value.Kind == ast.ObjectValue {
		children = slices.Clone(children)
		slices.SortStableFunc(children, func(a, b *ast.ChildValue) int { return strings.Compare(a.Name, b.Name) })
	}
	if len(children) > 0 {
		size = len(children)
	}
	text = append(text, 'a'+byte(value.Kind))
	text = strconv.AppendInt(text, int64(size), 10)
	text = append(text, ' ')
	text = append(text, value.Raw...)
	for _, child := range children {
		text = appendNamed(text, child.Name, child.Value)
	}
	return text
}
