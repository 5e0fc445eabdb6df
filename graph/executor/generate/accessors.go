package main

import (
	_ "embed"
	"fmt"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed accessors.gotpl
var template string

// accessors is the gqlgen plugin that writes accessors.generated.go.
type accessors struct{}

// Name names the plugin to gqlgen.
func (accessors) Name() string { return "accessors" }

// GenerateCode writes the file into the package of gqlgen's own executor, whose functions
// for arguments and enums it uses.
func (accessors) GenerateCode(data *codegen.Data) error {
	view := newView(data)
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Template:        template,
		Filename:        filepath.Join(data.Config.Exec.Dir(), "accessors.generated.go"),
		Data:            view,
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
		Funcs: map[string]any{
			"leaf":  view.leaf,
			"typed": typed,
		},
	})
}

// view is what the template sees.
type view struct {
	*codegen.Data
	Objects []object
	leaves  map[string]*config.TypeReference
}

// object is an object type with the fields that accessors can read.
type object struct {
	*codegen.Object
	Accessible []field
}

// field is a field with its kind.
type field struct {
	*codegen.Field
	IsLeaf    bool // read by Write or Bind, unless it waits
	IsWaiting bool // read by Resolve
}

func newView(data *codegen.Data) *view {
	v := &view{Data: data, leaves: map[string]*config.TypeReference{}}
	for _, o := range data.Objects {
		if o.IsReserved() || o.Stream || o.IsMap() {
			continue
		}
		out := object{Object: o}
		for _, f := range o.Fields {
			if f.IsReserved() || !accessible(f) {
				continue
			}
			leaf := f.TypeReference.Definition.IsLeafType()
			if leaf {
				v.add(f.TypeReference)
			}
			out.Accessible = append(out.Accessible, field{Field: f, IsLeaf: leaf, IsWaiting: f.IsResolver || f.MethodHasContext})
		}
		v.Objects = append(v.Objects, out)
	}
	return v
}

// accessible reports whether an accessor can do all that gqlgen does for a field. What it
// cannot is left to gqlgen when an operation selects the field.
func accessible(f *codegen.Field) bool {
	switch {
	case f.IsBatch(), f.HasDirectives(), f.IsMap(), f.HasHaser, f.VOkFunc, f.Stream:
		return false
	case codegen.GetInlineArgsMetadata(f.Object.Name, f.Name) != nil:
		return false
	}
	return f.TypeReference.Definition.IsLeafType() || isComposite(f.TypeReference)
}

// isComposite reports whether values of a type are what executor.Type expects.
func isComposite(t *config.TypeReference) bool {
	switch {
	case t.IsSlice():
		return isComposite(t.Elem())
	case t.IsMap(), t.IsPtrToPtr(), t.IsPtrToSlice(), t.IsPtrToIntf(), t.IsMarshaler:
		return false
	}
	return true
}

// add takes note of a type of leaves and of those inside it.
func (v *view) add(t *config.TypeReference) {
	v.leaves[t.UniquenessKey()] = t
	if t.IsSlice() || t.IsPtrToSlice() || t.IsPtrToIntf() || t.IsPtrToPtr() {
		v.add(t.Elem())
	}
}

// Leaves are the types of all leaves, in the order of their keys.
func (v *view) Leaves() []*config.TypeReference {
	var list []*config.TypeReference
	for _, key := range slices.Sorted(maps.Keys(v.leaves)) {
		list = append(list, v.leaves[key])
	}
	return list
}

// leaf returns the expression that writes the value v of a type whose values are neither
// nil nor lists.
func (v *view) leaf(t *config.TypeReference) string {
	value := "v"
	if t.IsMarshaler {
		return marshal(t, value)
	}
	switch {
	case t.IsTargetNilable() && !t.IsNilable():
		value = "&v"
	case !t.IsTargetNilable() && t.IsNilable():
		value = "*v"
	}
	if t.HasEnumValues() {
		return fmt.Sprintf("enum(w, %s, %s)", t.EnumMarshalVar(v.Config.UseFunctionSyntaxForExecutionContext), value)
	}
	if t.CastType != nil {
		value = fmt.Sprintf("%s(%s)", templates.CurrentImports.LookupType(t.CastType), value)
	}
	if method, conversion := builtin(t.Marshaler); method != "" {
		if conversion != "" {
			value = fmt.Sprintf("%s(%s)", conversion, value)
		}
		return fmt.Sprintf("w.%s(%s)", method, value)
	}
	if appendTo := appendFunc(t.Marshaler); appendTo != nil {
		return fmt.Sprintf("%s.WriteScalar(w, %s, %s, %t)", executorPackage(), value, templates.Call(appendTo), t.GQL.NonNull)
	}
	return marshal(t, fmt.Sprintf("%s(%s)", templates.Call(t.Marshaler), value))
}

func marshal(t *config.TypeReference, value string) string {
	method := "Marshal"
	if t.IsContext {
		method = "MarshalContext"
	}
	return fmt.Sprintf("w.%s(%s, %t)", method, value, t.GQL.NonNull)
}

// builtin returns the Writer's method for one of gqlgen's own scalars, and what its
// argument has to be converted to.
func builtin(marshaler *types.Func) (method, conversion string) {
	if marshaler.Pkg().Path() != "github.com/99designs/gqlgen/graphql" {
		return "", ""
	}
	switch marshaler.Name() {
	case "MarshalString", "MarshalID":
		return "String", ""
	case "MarshalBoolean":
		return "Bool", ""
	case "MarshalInt", "MarshalInt8", "MarshalInt16", "MarshalInt32", "MarshalInt64":
		return "Int", "int64"
	}
	return "", ""
}

// appendFunc returns the function AppendX([]byte, T) []byte beside MarshalX, if there is one.
func appendFunc(marshaler *types.Func) *types.Func {
	name, ok := strings.CutPrefix(marshaler.Name(), "Marshal")
	if !ok {
		return nil
	}
	found, ok := marshaler.Pkg().Scope().Lookup("Append" + name).(*types.Func)
	if !ok {
		return nil
	}
	signature := found.Signature()
	if signature.Params().Len() != 2 || signature.Results().Len() != 1 {
		return nil
	}
	if !types.Identical(signature.Params().At(1).Type(), marshaler.Signature().Params().At(0).Type()) {
		return nil
	}
	return found
}

// typed returns the expression for a field's executor.Type.
func typed(f field) string { return typeOf(f.TypeReference, f.IsLeaf, f.IsWaiting) }

func typeOf(t *config.TypeReference, leaf, waiting bool) string {
	ref := templates.CurrentImports.LookupType
	parts := []string{fmt.Sprintf("NonNull: %t", t.GQL.NonNull)}
	switch {
	case leaf && waiting:
		parts = append(parts, fmt.Sprintf("Write: func(w *%s.Writer, v any) bool { return write%s(w, v.(%s)) }",
			executorPackage(), t.UniquenessKey(), ref(t.GO)))
	case leaf:
	case t.IsSlice():
		parts = append(parts, "Items: "+items(t), "Of: "+typeOf(t.Elem(), leaf, waiting))
	default:
		parts = append(parts, fmt.Sprintf("Composite: %q", t.Definition.Name))
	}
	return fmt.Sprintf("&%s.Type{%s}", executorPackage(), strings.Join(parts, ", "))
}

// items returns the function that takes a list apart.
func items(t *config.TypeReference) string {
	ref := templates.CurrentImports.LookupType
	element := t.Elem()
	switch {
	case element.IsSlice() && element.GQL.NonNull:
		return fmt.Sprintf("%s.ListItems[%s]", executorPackage(), ref(element.Elem().GO))
	case element.IsSlice():
		return fmt.Sprintf("%s.NullableListItems[%s]", executorPackage(), ref(element.Elem().GO))
	case element.IsPtr():
		return fmt.Sprintf("%s.PointerItems[%s]", executorPackage(), ref(element.Elem().GO))
	case isInterface(element):
		return fmt.Sprintf("%s.InterfaceItems[%s]", executorPackage(), ref(element.GO))
	default:
		return fmt.Sprintf("%s.StructItems[%s]", executorPackage(), ref(element.GO))
	}
}

func isInterface(t *config.TypeReference) bool {
	return t.Definition.Kind == ast.Interface || t.Definition.Kind == ast.Union
}

func executorPackage() string { return templates.CurrentImports.Lookup("crmgraph/graph/executor") }

// Value returns the expression that makes a value of the variable v, as executor.Type
// expects it.
func (f field) Value(v string) string {
	t := f.TypeReference
	switch {
	case f.IsLeaf, !t.IsSlice() && isInterface(t):
		return v
	case t.IsSlice() && t.GQL.NonNull, !t.IsSlice() && !t.IsPtr():
		return "&" + v
	case t.IsSlice():
		return fmt.Sprintf("%s.NullableList(&%s)", executorPackage(), v)
	default:
		return fmt.Sprintf("%s.Nullable(%s)", executorPackage(), v)
	}
}

// Receiver is what the field is called on or read from.
func (f field) Receiver() string {
	if f.IsResolver {
		return templates.LcFirst(f.Object.Name)
	}
	return fmt.Sprintf("o.(%s)", templates.CurrentImports.LookupType(f.Object.Reference()))
}

// Parameters are the arguments of the field's method or resolver.
func (f field) Parameters() string {
	ref := templates.CurrentImports.LookupType
	var list []string
	if f.IsWaiting {
		list = append(list, "ctx")
	}
	if f.IsResolver && !f.Object.Root {
		list = append(list, fmt.Sprintf("o.(%s)", ref(f.Object.Reference())))
	}
	for i, argument := range f.Arguments() {
		if f.IsBound() {
			argument = fmt.Sprintf("arg%d", i)
		}
		list = append(list, argument)
	}
	return strings.Join(list, ", ")
}

// Arguments are the expressions that take the field's arguments from their map.
func (f field) Arguments() []string {
	var list []string
	for _, argument := range f.Args {
		expression := fmt.Sprintf("args[%q]", argument.Name)
		if kind, ok := types.Unalias(argument.TypeReference.GO).(*types.Interface); !ok || !kind.Empty() {
			expression += fmt.Sprintf(".(%s)", templates.CurrentImports.LookupType(argument.TypeReference.GO))
		}
		list = append(list, expression)
	}
	return list
}

// IsBound reports whether the field is read by Bind, which keeps the arguments in variables
// with the names arg0, arg1 and so on.
func (f field) IsBound() bool { return f.IsLeaf && !f.IsWaiting && len(f.Args) > 0 }

// HasError reports whether reading the field may fail.
func (f field) HasError() bool { return f.IsResolver || f.IsMethod() && !f.NoErr }
