package admission_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph/admission"
)

// TestVerdictsAreThoseOfGqlparser compares the verdicts on random documents. Most are valid but
// for fields that cannot be merged, some have other faults.
func TestVerdictsAreThoseOfGqlparser(t *testing.T) {
	t.Parallel()
	documents := 10_000
	if testing.Short() {
		documents = 1_000
	}
	for name, schema := range map[string]*ast.Schema{"pets": pets(t), "crms": crms(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Each document is another one, so that keeping verdicts would only take time.
			gate := newGate(t, schema, admission.Options{Limits: unlimited, CacheBytes: 1})
			all := composites(schema)
			random := rand.New(rand.NewPCG(1, 2))
			valid, overlapping := 0, 0
			for range documents {
				query := newWriter(schema, all, random).document()
				_, got := gate.Admit(t.Context(), query)
				want := stock(schema, query)
				if (len(got) == 0) != (len(want) == 0) {
					t.Fatalf("got %v, want %v, for\n%s", got, want, query)
				}
				switch {
				case len(want) == 0:
					valid++
				case onlyOverlaps(want):
					overlapping++
					compareConflicts(t, query, conflicts(want), conflicts(got))
				}
			}
			if valid < documents/10 || overlapping < documents/10 {
				t.Errorf("of %d documents only %d are valid and %d have only fields that cannot be merged", documents, valid, overlapping)
			}
		})
	}
}

// compareConflicts compares response names that conflict. gqlparser does not look below
// fields that cannot be merged anyway; here types are compared there too, so that there can
// be more names, though never other ones.
func compareConflicts(t *testing.T, query string, want, got map[string]string) {
	t.Helper()
	for name, why := range got {
		if want[name] == "" && why == "types" {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Fatalf("response names that conflict (-want +got):\n%s\nin\n%s", diff, query)
	}
}

func onlyOverlaps(errs gqlerror.List) bool {
	return !slices.ContainsFunc(errs, func(err *gqlerror.Error) bool { return err.Rule != rules.OverlappingFieldsCanBeMergedRule.Name })
}

var conflict = regexp.MustCompile(`"(\w+)" conflict because ("|they have|they return)`)

// conflicts returns why which response names are in conflict according to errors, without
// those above them.
func conflicts(errs gqlerror.List) map[string]string {
	why := map[string]string{`"`: "names", "they have": "arguments", "they return": "types"}
	names := map[string]string{}
	for _, err := range errs {
		for _, match := range conflict.FindAllStringSubmatch(err.Message, -1) {
			if names[match[1]] == "" || names[match[1]] == "types" {
				names[match[1]] = why[match[2]]
			}
		}
	}
	return names
}

// writer writes random documents.
type writer struct {
	schema    *ast.Schema
	composite []*ast.Definition
	random    *rand.Rand
	text      strings.Builder
	fragments []string // types of the fragments there are
	faulty    bool     // has faults beside fields that cannot be merged
}

func newWriter(schema *ast.Schema, composite []*ast.Definition, random *rand.Rand) *writer {
	return &writer{schema: schema, composite: composite, random: random, faulty: random.IntN(8) == 0}
}

// chance is true once in n times.
func (w *writer) chance(n int) bool { return w.random.IntN(n) == 0 }

// fault is sometimes true in documents that have faults.
func (w *writer) fault() bool { return w.faulty && w.chance(12) }

func (w *writer) document() string {
	for range w.random.IntN(4) {
		w.fragments = append(w.fragments, w.composite[w.random.IntN(len(w.composite))].Name)
	}
	w.text.WriteString("query Q($b: Boolean = true, $n: Int")
	if w.fault() {
		w.text.WriteString(", $b: Int")
	}
	w.text.WriteString(") @include(if: $b) ")
	if !w.faulty { // directives of operations are faults
		w.text.Reset()
		w.text.WriteString("query Q($b: Boolean! = true, $n: Int) ")
	}
	w.selections(w.schema.Query, 0, 0)
	if w.fault() {
		w.text.WriteString(" query Q { __typename }")
	}
	for i, on := range w.fragments {
		fmt.Fprintf(&w.text, "\nfragment F%d on %s ", i, on)
		w.selections(w.schema.Types[on], 2, i+1)
	}
	// Fragments and variables that are not used would make most documents invalid.
	text := w.text.String()
	head, rest, _ := strings.Cut(text, ")")
	var use strings.Builder
	if !w.faulty {
		use.WriteString(" __typename @include(if: $b)")
		for i, on := range w.fragments {
			if !strings.Contains(rest, fmt.Sprintf("...F%d ", i)) {
				use.WriteString(route(w.schema, on, fmt.Sprintf("...F%d ", i)))
			}
		}
		if !strings.Contains(rest, "$n") {
			head = strings.Replace(head, ", $n: Int", "", 1)
		}
	}
	return head + ")" + strings.Replace(rest, "{", "{"+use.String(), 1)
}

// composites returns the types of a schema that have fields or types below them and can be
// reached, sorted by name.
func composites(schema *ast.Schema) []*ast.Definition {
	var all []*ast.Definition
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		t := schema.Types[name]
		if t.IsCompositeType() && !strings.HasPrefix(name, "__") && t != schema.Mutation && route(schema, name, "") != "" {
			all = append(all, t)
		}
	}
	return all
}

// route returns a selection from the root to a fragment on a type, with a field of each type
// on its way that can be selected without required arguments.
func route(schema *ast.Schema, on, selection string) string {
	target := schema.GetPossibleTypes(schema.Types[on])
	seen := map[string]bool{}
	var search func(t *ast.Definition) (string, bool)
	search = func(t *ast.Definition) (string, bool) {
		if slices.ContainsFunc(schema.GetPossibleTypes(t), func(p *ast.Definition) bool { return slices.Contains(target, p) }) {
			return selection + " __typename", true
		}
		if seen[t.Name] {
			return "", false
		}
		seen[t.Name] = true
		for _, f := range t.Fields {
			next := schema.Types[f.Type.Name()]
			if !next.IsCompositeType() || strings.HasPrefix(f.Name, "__") || requires(f) {
				continue
			}
			if below, ok := search(next); ok {
				return fmt.Sprintf(" r_%s: %s { %s }", f.Name, f.Name, below), true
			}
		}
		return "", false
	}
	found, _ := search(schema.Query)
	return found
}

func requires(f *ast.FieldDefinition) bool {
	return slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil })
}

// selections writes a selection set on a type; fragments below number spreadable are not
// spread, so that there are no cycles.
func (w *writer) selections(on *ast.Definition, depth, spreadable int) {
	w.text.WriteString("{ ")
	w.text.WriteString("__typename ")
	for range 1 + w.random.IntN(4) {
		switch {
		case w.chance(5) && depth < 5:
			w.inline(on, depth, spreadable)
		case w.chance(4) && spreadable < len(w.fragments):
			w.spread(on, spreadable)
		default:
			w.field(on, depth, spreadable)
		}
	}
	if w.fault() {
		w.text.WriteString([]string{"unknown ", "...Unknown ", "__typename @unknown ", "... on Unknown { __typename } ", "__typename { id } ", "__typename @skip "}[w.random.IntN(6)])
	}
	w.text.WriteString("} ")
}

func (w *writer) inline(on *ast.Definition, depth, spreadable int) {
	possible := w.schema.GetPossibleTypes(on)
	condition := possible[w.random.IntN(len(possible))]
	if w.chance(3) || w.fault() {
		other := w.composite[w.random.IntN(len(w.composite))]
		if w.faulty || w.overlaps(on, other) {
			condition = other
		}
	}
	fmt.Fprintf(&w.text, "... on %s ", condition.Name)
	w.selections(condition, depth+1, spreadable)
}

func (w *writer) overlaps(a, b *ast.Definition) bool {
	return slices.ContainsFunc(w.schema.GetPossibleTypes(a), func(p *ast.Definition) bool {
		return slices.Contains(w.schema.GetPossibleTypes(b), p)
	})
}

func (w *writer) spread(on *ast.Definition, spreadable int) {
	i := spreadable + w.random.IntN(len(w.fragments)-spreadable)
	if w.faulty && w.chance(3) {
		i = w.random.IntN(len(w.fragments)) // maybe a cycle
	}
	if w.faulty || w.overlaps(on, w.schema.Types[w.fragments[i]]) {
		fmt.Fprintf(&w.text, "...F%d ", i)
	}
}

func (w *writer) field(on *ast.Definition, depth, spreadable int) {
	var fields []*ast.FieldDefinition
	for _, f := range on.Fields {
		if !strings.HasPrefix(f.Name, "__") && (depth < 4 || !w.schema.Types[f.Type.Name()].IsCompositeType()) {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return
	}
	f := fields[w.random.IntN(len(fields))]
	if w.chance(6) {
		fmt.Fprintf(&w.text, "%s: ", []string{"x", "y", "name"}[w.random.IntN(3)])
	}
	w.text.WriteString(f.Name)
	w.arguments(f)
	if w.chance(12) {
		w.text.WriteString(" @skip(if: $b)")
	}
	w.text.WriteByte(' ')
	if w.schema.Types[f.Type.Name()].IsCompositeType() {
		w.selections(w.schema.Types[f.Type.Name()], depth+1, spreadable)
	}
}

func (w *writer) arguments(f *ast.FieldDefinition) {
	var list []string
	for _, a := range f.Arguments {
		if a.Type.NonNull || w.chance(6) || w.fault() {
			list = append(list, a.Name+": "+w.value(a.Type, 0))
		}
	}
	if w.fault() {
		list = append(list, "unknown: 1")
	}
	if len(list) > 0 {
		w.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		fmt.Fprintf(&w.text, "(%s)", strings.Join(list, ", "))
	}
}

func (w *writer) value(t *ast.Type, depth int) string {
	switch {
	case w.fault():
		return []string{"null", "$unknown", "{a: 1}", "[[1]]", "WRONG", `"""text"""`, "1e3", "99999999999999999999"}[w.random.IntN(8)]
	case t.Elem != nil:
		var list []string
		for range w.random.IntN(3) {
			list = append(list, w.value(t.Elem, depth+1))
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	definition := w.schema.Types[t.NamedType]
	switch definition.Kind {
	case ast.Enum:
		return definition.EnumValues[w.random.IntN(len(definition.EnumValues))].Name
	case ast.InputObject:
		return w.object(definition, depth)
	default:
	}
	switch t.NamedType {
	case "Int":
		if w.chance(3) && !t.NonNull {
			return "$n"
		}
		return fmt.Sprint(w.random.IntN(2))
	case "Float":
		return "1.5"
	case "Boolean":
		return "true"
	}
	return `"` + []string{"a", "b"}[w.random.IntN(2)] + `"`
}

func (w *writer) object(definition *ast.Definition, depth int) string {
	oneOf := definition.Directives.ForName("oneOf") != nil
	var list []string
	for _, f := range definition.Fields {
		nested := w.schema.Types[f.Type.Name()].Kind == ast.InputObject
		if !f.Type.NonNull && !oneOf && (nested && depth > 2 || !w.chance(4)) {
			continue
		}
		list = append(list, f.Name+": "+w.value(f.Type, depth+1))
		if oneOf {
			break
		}
	}
	w.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return "{" + strings.Join(list, ", ") + "}"
}

// No object is a scalar's value or an enum's, not even one without fields; gqlparser says so of those
// with fields alone.
func TestEmptyObjectsAreOfInputTypes(t *testing.T) {
	t.Parallel()
	gate := newGate(t, crms(t), admission.Options{})
	for query, column := range map[string]int{
		`{ projects(first: {}) { totalCount } }`:                                           19,
		`{ projects(deleted: {}) { totalCount } }`:                                         21,
		`{ projects(orderBy: {fieldName: {}}) { totalCount } }`:                            33,
		`{ projects(filter: {stepIds: [1, {}]}) { totalCount } }`:                          34,
		`{ node(id: {}) { id } }`:                                                          12,
		`{ nodes(ids: {}) { id } }`:                                                        14,
		`{ tasks(status: {}) { totalCount } }`:                                             17,
		`query ($id: ID = {}) { node(id: $id) { id } }`:                                    18,
		`{ viewer @skip(if: {}) { id } }`:                                                  20,
		`{ projects(filter: {}) { totalCount } }`:                                          0,
		`{ projects(filter: {fields: []}) { totalCount } }`:                                0,
		`{ projects(filter: {fields: [{name: "source", value: {}}]}) { totalCount } }`:     0,
		`query ($filter: ProjectFilter = {}) { projects(filter: $filter) { totalCount } }`: 0,
	} {
		_, errs := gate.Admit(t.Context(), query)
		if column == 0 {
			if len(errs) != 0 {
				t.Errorf("%s: got %v, want it admitted", query, errs)
			}
			continue
		}
		if len(errs) != 1 || errs[0].Extensions["code"] != "GRAPHQL_VALIDATION_FAILED" || len(errs[0].Locations) != 1 || errs[0].Locations[0].Column != column {
			t.Errorf("%s: got %v, want it refused for column %d", query, errs, column)
		}
	}
}
