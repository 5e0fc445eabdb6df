package graph_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph"
	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// Thousands of random operations give the same answer compiled as by gqlgen's executor. The
// two may pick different endpoints for the same data, so it takes the dialect in which all
// of them tell the same.
func TestCompiledRandom(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: graph.SDL()})
	const workers, operations = 4, 500
	for worker := range workers {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			pair := newTwins(t, sandbox.Options{Dialect: sandbox.DialectResource, Customers: 5, Groups: 3, Tasks: 15, Projects: 8}, upstream.CallerOptions{})
			values := newRandomValues(pair.crms.Data())
			failed := 0
			for i := range operations {
				g := &generator{Rand: rand.New(rand.NewPCG(uint64(worker), uint64(i))), schema: schema, values: values}
				query, variables := g.operation()
				if _, err := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules()); err != nil {
					t.Fatalf("the generator made an invalid operation: %v\n%s", err, query)
				}
				if got := pair.compare(t, query, variables); len(got.Errors) > 0 {
					failed++
				}
				if t.Failed() {
					return
				}
			}
			if failed == 0 || failed > operations*3/4 {
				t.Errorf("of %d operations %d had errors: the generator should make both kinds", operations, failed)
			}
		})
	}
}

// randomValues are arguments to choose from: some that find something and some that do not.
type randomValues struct {
	ids   map[string][]string // of each field of Query
	nodes []string
}

func newRandomValues(data *sandbox.Data) *randomValues {
	v := &randomValues{ids: map[string][]string{}}
	add := func(field string, kind model.NodeType, project, number uint64) {
		id := model.NodeID{Type: kind, Project: project, Number: number}.String()
		v.nodes = append(v.nodes, id)
		if field != "" {
			v.ids[field] = append(v.ids[field], fmt.Sprint(number), id)
		}
	}
	manager := data.Managers[0]
	for _, customer := range manager.Customers[:3] {
		add("customer", model.CustomerNode, 0, uint64(customer.ID))
	}
	for _, group := range manager.Groups[:2] {
		add("group", model.GroupNode, 0, uint64(group.ID))
	}
	for _, task := range manager.Tasks[:3] {
		add("task", model.TaskNode, 0, uint64(task.ID))
	}
	for _, project := range data.Projects[:3] {
		add("project", model.ProjectNode, 0, uint64(project.ID))
	}
	for number := range uint64(3) {
		add("action", model.ActionNode, 0, number+1)
		add("", model.StepNode, 1, number+101)
	}
	for _, missing := range []string{"customer", "group", "task", "project", "action"} {
		v.ids[missing] = append(v.ids[missing], "999999", "no id")
	}
	v.nodes = append(v.nodes, "no id")
	return v
}

// generator makes random valid operations.
type generator struct {
	*rand.Rand
	schema *ast.Schema
	values *randomValues

	declared  []string
	variables map[string]any
	fragments []string
	names     int
	size      int
}

const (
	deepest = 7  // nested selections
	largest = 60 // fields
)

func (g *generator) operation() (query string, variables map[string]any) {
	g.variables = map[string]any{}
	body := g.selections(g.schema.Query, 0)
	head := "query"
	if len(g.declared) > 0 {
		head += " (" + strings.Join(g.declared, ", ") + ")"
	}
	return head + " " + body + "\n" + strings.Join(g.fragments, "\n"), g.variables
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprint(prefix, g.names)
}

func (g *generator) variable(kind string, value any) string {
	name := g.name("v")
	g.declared = append(g.declared, "$"+name+": "+kind)
	g.variables[name] = value
	return "$" + name
}

func (g *generator) selections(of *ast.Definition, depth int) string {
	var parts []string
	for range 1 + g.IntN(4) {
		parts = append(parts, g.selection(of, depth))
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

func (g *generator) selection(of *ast.Definition, depth int) string {
	condition := of
	if of.IsAbstractType() && g.chance(70) {
		possible := g.schema.GetPossibleTypes(of)
		condition = possible[g.IntN(len(possible))]
	}
	switch {
	case condition != of, g.chance(8):
		return "... on " + condition.Name + g.directives() + " " + g.selections(condition, depth)
	case g.chance(8):
		name := g.name("F")
		g.fragments = append(g.fragments, "fragment "+name+" on "+of.Name+" "+g.selections(of, depth))
		return "..." + name + g.directives()
	}
	field := g.field(of, depth)
	if field == nil {
		return g.name("t") + ": __typename" + g.directives()
	}
	g.size++
	head := g.name("a") + ": " + field.Name + g.arguments(of, field) + g.directives()
	target := g.schema.Types[field.Type.Name()]
	if target.IsLeafType() {
		return head
	}
	text := head + " " + g.selections(target, depth+1)
	if g.chance(15) { // the same once more, to be merged
		text += " " + head + " " + g.selections(target, depth+1)
	}
	return text
}

// field returns a random field, nil for __typename.
func (g *generator) field(of *ast.Definition, depth int) *ast.FieldDefinition {
	var fields []*ast.FieldDefinition
	for _, field := range of.Fields {
		isLeaf := g.schema.Types[field.Type.Name()].IsLeafType()
		switch {
		case strings.HasPrefix(field.Name, "__"):
		case isLeaf:
			fields = append(fields, field)
		case depth < deepest && g.size < largest: // more likely than a leaf
			fields = append(fields, field, field, field)
		}
	}
	if len(fields) == 0 || g.chance(5) {
		return nil
	}
	return fields[g.IntN(len(fields))]
}

func (g *generator) directives() string {
	if !g.chance(8) {
		return ""
	}
	name := []string{"skip", "include"}[g.IntN(2)]
	value := g.IntN(3) == 0 == (name == "skip") // mostly there
	if g.chance(50) {
		return fmt.Sprintf(" @%s(if: %s)", name, g.variable("Boolean!", value))
	}
	return fmt.Sprintf(" @%s(if: %t)", name, value)
}

func (g *generator) arguments(of *ast.Definition, field *ast.FieldDefinition) string {
	var parts []string
	for _, argument := range field.Arguments {
		if argument.Type.NonNull && argument.DefaultValue == nil || g.chance(40) {
			parts = append(parts, argument.Name+": "+g.argument(of, field, argument))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func (g *generator) argument(of *ast.Definition, field *ast.FieldDefinition, argument *ast.ArgumentDefinition) string {
	switch {
	case argument.Name == "first":
		first := []int{1, 2, 3, 5, 20, 0}[g.IntN(6)]
		if g.chance(30) {
			return g.variable("Int!", first)
		}
		return fmt.Sprint(first)
	case argument.Name == "after":
		return []string{"null", `"no cursor"`}[g.IntN(10)/9]
	case argument.Name == "ids":
		var ids []string
		for range g.IntN(4) {
			ids = append(ids, fmt.Sprintf("%q", g.oneOf(g.values.nodes)))
		}
		return "[" + strings.Join(ids, ", ") + "]"
	case argument.Name == "id" && of == g.schema.Query:
		ids := g.values.ids[field.Name]
		if field.Name == "node" {
			ids = g.values.nodes
		}
		if g.chance(50) {
			return g.variable("ID!", g.oneOf(ids))
		}
		return fmt.Sprintf("%q", g.oneOf(ids))
	}
	return g.input(argument.Type)
}

func (g *generator) oneOf(list []string) string { return list[g.IntN(len(list))] }

// input returns a literal of a type.
func (g *generator) input(t *ast.Type) string {
	if t.Elem != nil {
		return "[" + g.input(t.Elem) + "]"
	}
	definition := g.schema.Types[t.NamedType]
	switch definition.Name {
	case "Date":
		return g.oneOf([]string{`"2026-01-01"`, `"2026-09-01"`, `"2026-03-04"`, `"no day"`})
	case "Boolean":
		return g.oneOf([]string{"true", "false"})
	case "String":
		return g.oneOf([]string{`"client_id"`, `"contract_date"`, `"no\"ne"`})
	case "JSON":
		return g.oneOf([]string{"1", `"2026-01-01"`, "[1, 2]"})
	}
	switch {
	case len(definition.EnumValues) > 0:
		return definition.EnumValues[g.IntN(len(definition.EnumValues))].Name
	case len(definition.Fields) > 0:
		return g.inputObject(definition)
	default:
		return fmt.Sprintf("\"%d\"", 1+g.IntN(5))
	}
}

func (g *generator) inputObject(of *ast.Definition) string {
	var parts []string
	for _, field := range of.Fields {
		if field.Type.NonNull && field.DefaultValue == nil || g.chance(12) {
			parts = append(parts, field.Name+": "+g.input(field.Type))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
