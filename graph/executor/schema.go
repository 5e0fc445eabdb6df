package executor

import (
	"context"
	"slices"
)

// Schema is how every object of a GraphQL schema is read. It is generated from the same
// configuration as gqlgen's executor.
type Schema struct {
	Objects  map[string]*Object   // object types by name
	Abstract map[string]*Abstract // interfaces and unions by name
	// Prepare adds to an operation's context what resolvers may expect there.
	Prepare func(context.Context) context.Context
}

// Object is how the fields of an object type are read.
type Object struct {
	Name string
	// Satisfies lists the names that a fragment on this type may have as its condition.
	Satisfies []string
	Fields    map[string]*Field
}

// Abstract is an interface or a union.
type Abstract struct {
	// Types names the object types it can be.
	Types []string
	// Concrete returns the name of a value's object type and the object that its fields
	// are read from: nil for a nil pointer. The name of a foreign type is empty.
	Concrete func(value any) (name string, object any)
}

// Field is how one field is read. One of Write, Bind, Get and Resolve is set; a field with
// none of them is left to gqlgen.
type Field struct {
	Type *Type
	// Args reads the arguments; nil where there are none.
	Args func(ctx context.Context, raw map[string]any) (map[string]any, error)
	// Write appends a leaf without arguments that the object holds, and reports whether it could.
	Write func(w *Writer, object any) bool
	// Bind returns what Write is for a leaf with arguments. It is called once for all objects.
	Bind func(args map[string]any) func(w *Writer, object any) bool
	// Get returns a composite value that the object holds.
	Get func(object any, args map[string]any) (any, error)
	// Resolve calls a resolver, which may wait.
	Resolve func(ctx context.Context, object any, args map[string]any) (any, error)
}

// isServed reports whether the field is read here.
func (f *Field) isServed() bool {
	return f.Write != nil || f.Bind != nil || f.Get != nil || f.Resolve != nil
}

// Type is what values of a field are: leaves, lists or composites. Values are nil for
// null, pointers to slices for lists, and pointers or interfaces for composites.
type Type struct {
	NonNull bool
	// Write appends leaves and lists of leaves; nil for anything else, and for leaves that
	// no resolver returns.
	Write func(w *Writer, value any) bool
	// Of is the type of a list's elements and Items appends them.
	Of    *Type
	Items func(into []any, list any) []any
	// Composite names the type of an object, interface or union.
	Composite string
}

// Nullable returns v, and nil for a nil pointer.
func Nullable[T any](v *T) any {
	if v == nil {
		return nil
	}
	return v
}

// NullableList returns list, and nil if it points to a nil slice.
func NullableList[T any](list *[]T) any {
	if *list == nil {
		return nil
	}
	return list
}

// PointerItems appends the elements of a list of pointers.
func PointerItems[T any](into []any, list any) []any {
	items := *list.(*[]*T)
	into = slices.Grow(into, len(items))
	for _, item := range items {
		into = append(into, Nullable(item))
	}
	return into
}

// StructItems appends pointers to the elements of a list of values.
func StructItems[T any](into []any, list any) []any {
	items := *list.(*[]T)
	for i := range items {
		into = append(into, &items[i])
	}
	return into
}

// InterfaceItems appends the elements of a list of interface values.
func InterfaceItems[T any](into []any, list any) []any {
	for _, item := range *list.(*[]T) {
		into = append(into, item)
	}
	return into
}

// ListItems appends the elements of a list of non-null lists.
func ListItems[T any](into []any, list any) []any {
	return StructItems[[]T](into, list)
}

// NullableListItems appends the elements of a list of lists that may be null.
func NullableListItems[T any](into []any, list any) []any {
	items := *list.(*[][]T)
	for i := range items {
		into = append(into, NullableList(&items[i]))
	}
	return into
}
