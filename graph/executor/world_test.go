package executor_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	gqlgen "github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph/executor"
)

// object is an object of a test's schema. Its values are those of its fields: nil, text,
// numbers, lists, objects, an error, a panic, or a resolver.
type object map[string]any

// blast is a value that panics when it is read.
type blast struct{ cause any }

// resolver is the value of a field marked @wait.
type resolver func(ctx context.Context, parent object, args map[string]any) (any, error)

// told is the value of a plain field that its arguments decide on.
type told func(args map[string]any) any

// world is an executor of a test's schema, as gqlgen runs it.
type world struct {
	*gqlgen.Executor
	reasons []executor.Reason
	bound   atomic.Int32 // times that a plain field was bound to its arguments
}

// newWorld makes accessors for a schema by hand: an object tells its type by its field
// "__typename", and fields marked @wait are resolvers.
func newWorld(t testing.TB, sdl string, root object, options executor.Options) *world {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "directive @wait on FIELD_DEFINITION\n" + sdl})
	w := &world{}
	options.OnFallback = func(_ context.Context, reason executor.Reason) { w.reasons = append(w.reasons, reason) }
	w.Executor = gqlgen.New(executor.New(stock{schema}, w.accessorsOf(schema, root), options))
	w.SetQueryCache(lru.New[*ast.QueryDocument](10))
	w.SetRecoverFunc(func(_ context.Context, cause any) error { return fmt.Errorf("panic: %v", cause) })
	return w
}

// stock stands in for gqlgen's own executor.
type stock struct{ schema *ast.Schema }

func (s stock) Schema() *ast.Schema { return s.schema }

func (stock) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (stock) Exec(context.Context) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Data: json.RawMessage(`"stock"`)})
}

func (w *world) accessorsOf(schema *ast.Schema, root object) *executor.Schema {
	out := &executor.Schema{
		Objects:  map[string]*executor.Object{},
		Abstract: map[string]*executor.Abstract{},
		Prepare:  func(ctx context.Context) context.Context { return ctx },
	}
	for name, definition := range schema.Types {
		switch definition.Kind {
		case ast.Object:
			out.Objects[name] = w.objectOf(schema, definition, root)
		case ast.Interface, ast.Union:
			abstract := &executor.Abstract{Concrete: func(v any) (string, any) {
				name, _ := v.(object)["__typename"].(string)
				return name, v
			}}
			for _, possible := range schema.GetPossibleTypes(definition) {
				abstract.Types = append(abstract.Types, possible.Name)
			}
			out.Abstract[name] = abstract
		case ast.Scalar, ast.Enum, ast.InputObject:
		}
	}
	return out
}

func (w *world) objectOf(schema *ast.Schema, definition *ast.Definition, root object) *executor.Object {
	out := &executor.Object{Name: definition.Name, Satisfies: []string{definition.Name}, Fields: map[string]*executor.Field{}}
	for _, implemented := range schema.GetImplements(definition) {
		out.Satisfies = append(out.Satisfies, implemented.Name)
	}
	for _, f := range definition.Fields {
		if f.Directives.ForName("unserved") != nil {
			continue
		}
		value := func(o any) any {
			parent, ok := o.(object)
			if !ok {
				parent = root
			}
			found := parent[f.Name]
			if blast, ok := found.(blast); ok {
				panic(blast.cause)
			}
			return found
		}
		leaf := schema.Types[f.Type.Name()].IsLeafType()
		field := &executor.Field{Type: typeOf(schema, f.Type, leaf)}
		if len(f.Arguments) > 0 {
			field.Args = readArguments
		}
		switch {
		case f.Directives.ForName("wait") != nil:
			field.Resolve = func(ctx context.Context, o any, args map[string]any) (any, error) {
				parent, _ := o.(object)
				found := value(o)
				if resolve, ok := found.(resolver); ok {
					var err error
					if found, err = resolve(ctx, parent, args); err != nil {
						return nil, err
					}
				}
				return plain(found)
			}
		case leaf && len(f.Arguments) > 0:
			field.Bind = func(args map[string]any) func(w *executor.Writer, o any) bool {
				w.bound.Add(1)
				if args["of"] == "unbound" {
					panic("cannot be bound")
				}
				return func(w *executor.Writer, o any) bool {
					found := value(o)
					if told, ok := found.(told); ok {
						found = told(args)
					}
					return writeLeaf(w, schema, f.Type, found)
				}
			}
		case leaf:
			field.Write = func(w *executor.Writer, o any) bool {
				return writeLeaf(w, schema, f.Type, value(o))
			}
		default:
			field.Get = func(o any, _ map[string]any) (any, error) { return plain(value(o)) }
		}
		out.Fields[f.Name] = field
	}
	return out
}

// plain returns a value as accessors give it to the executor.
func plain(value any) (any, error) {
	switch value := value.(type) {
	case error:
		return nil, value
	case []any:
		return &value, nil
	default:
		return value, nil
	}
}

var errNoDay = errors.New("no day")

// readArguments fails where an argument has the value "bad".
func readArguments(ctx context.Context, raw map[string]any) (map[string]any, error) {
	for name := range raw {
		if _, err := graphql.ProcessArgField(ctx, raw, name, func(ctx context.Context, value any) (any, error) {
			if value == "bad" {
				return nil, graphql.ErrorOnPath(ctx, errNoDay)
			}
			return value, nil
		}); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

func typeOf(schema *ast.Schema, t *ast.Type, leaf bool) *executor.Type {
	out := &executor.Type{NonNull: t.NonNull}
	switch {
	case leaf:
		out.Write = func(w *executor.Writer, v any) bool {
			if list, ok := v.(*[]any); ok {
				v = *list
			}
			return writeLeaf(w, schema, t, v)
		}
	case t.Elem != nil:
		out.Of, out.Items = typeOf(schema, t.Elem, leaf), items
	default:
		out.Composite = t.NamedType
	}
	return out
}

func items(into []any, list any) []any {
	for _, item := range *list.(*[]any) {
		if nested, ok := item.([]any); ok {
			item = &nested
		}
		into = append(into, item)
	}
	return into
}

func writeLeaf(w *executor.Writer, schema *ast.Schema, t *ast.Type, v any) bool {
	switch v := v.(type) {
	case nil:
		return w.Absent(t.NonNull)
	case error:
		return w.Fail(v)
	case []any:
		return executor.WriteLeaves(w, v, func(w *executor.Writer, v any) bool { return writeLeaf(w, schema, t.Elem, v) }, t.Elem.NonNull)
	case graphql.ContextMarshaler:
		return w.MarshalContext(v, t.NonNull)
	case graphql.Marshaler:
		return w.Marshal(v, t.NonNull)
	case int:
		return w.Int(int64(v))
	case bool:
		return w.Bool(v)
	case string:
		if values := schema.Types[t.Name()].EnumValues; len(values) > 0 {
			return w.Enum(v, values.ForName(v) != nil)
		}
		return w.String(v)
	default:
		panic(fmt.Sprintf("no leaf: %T", v))
	}
}

// failure is an error of an answer.
type failure struct {
	Message string
	Path    string
}

// ask runs an operation.
func (w *world) ask(t testing.TB, query string, variables map[string]any) (data string, failures []failure) {
	t.Helper()
	response := w.respond(t, query, variables)
	for _, err := range response.Errors {
		failures = append(failures, failure{err.Message, err.Path.String()})
	}
	slices.SortFunc(failures, func(a, b failure) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message)) })
	return string(response.Data), failures
}

func (w *world) respond(t testing.TB, query string, variables map[string]any) *graphql.Response {
	t.Helper()
	return w.respondIn(context.Background(), t, query, variables)
}

func (w *world) respondIn(ctx context.Context, t testing.TB, query string, variables map[string]any) *graphql.Response {
	t.Helper()
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := w.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if errs != nil {
		t.Fatalf("%v\n%s", errs, query)
	}
	next, ctx := w.DispatchOperation(ctx, op)
	response := next(ctx)
	if again := next(ctx); again != nil {
		t.Errorf("a second answer: %s", again.Data)
	}
	return response
}
