package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/upstream/sandbox"
)

// oracle is a second implementation of the schema, written from its descriptions: it
// answers any query about the emulated CRMs straight from their data, for one manager,
// and knows nothing of clients, loaders and calls.
type oracle struct {
	schema  *ast.Schema
	data    *sandbox.Data
	manager *sandbox.Manager
	now     time.Time
	// raw is true of the dialect in which single tasks and the list of groups come with
	// what only some installations tell.
	raw bool
}

// object is a value of one of the schema's object types. A field is a value or a resolve.
type object struct {
	typ    string
	fields map[string]any
}

// resolve works out a field that has arguments or leads to other objects.
type resolve func(request) any

// request is how a field was asked for.
type request struct {
	args map[string]any
	// selected returns the names of the fields selected of the field's object.
	selected func() []string
}

// to is a resolve without arguments.
func to(value func() any) resolve { return func(request) any { return value() } }

func newOracle(crms *sandbox.Sandbox, dialect sandbox.Dialect, manager int) (*oracle, error) {
	schema, err := loadSchema()
	if err != nil {
		return nil, err
	}
	data := crms.Data()
	return &oracle{
		schema: schema, data: data, manager: data.Managers[manager], now: crms.Now(),
		raw: dialect == sandbox.DialectReference,
	}, nil
}

func loadSchema() (*ast.Schema, error) {
	paths, err := filepath.Glob("../schema/*.graphqls")
	if err != nil {
		return nil, err
	}
	var sources []*ast.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, &ast.Source{Name: path, Input: string(text)})
	}
	return gqlparser.LoadSchema(sources...)
}

// answer returns the data of an operation, in the order in which it was asked for.
func (o *oracle) answer(query string, variables map[string]any) (data record, err error) {
	document, faults := gqlparser.LoadQueryWithRules(o.schema, query, rules.NewDefaultRules())
	if len(faults) > 0 {
		return nil, faults
	}
	operation := document.Operations[0]
	values, err := validator.VariableValues(o.schema, operation, variables)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("oracle: %v", cause)
		}
	}()
	root := o.query()
	if operation.Operation == ast.Mutation {
		root = o.mutation()
	}
	run := execution{schema: o.schema, variables: values}
	return run.object(root, []ast.SelectionSet{operation.SelectionSet}), nil
}

// execution answers one operation.
type execution struct {
	schema    *ast.Schema
	variables map[string]any
}

// object answers what is selected of an object.
func (e execution) object(of *object, selections []ast.SelectionSet) record {
	out := record{}
	for _, asked := range e.collect(of.typ, selections) {
		out = append(out, member{name: asked.key, value: e.field(of, asked)})
	}
	return out
}

// asked is a field of the answer, with all selections made of it.
type asked struct {
	key        string
	field      *ast.Field
	selections []ast.SelectionSet
}

func (e execution) field(of *object, asked *asked) any {
	if asked.field.Name == "__typename" {
		return of.typ
	}
	value, known := of.fields[asked.field.Name]
	if !known {
		panic(fmt.Sprintf("%s.%s is not known", of.typ, asked.field.Name))
	}
	if field, ok := value.(resolve); ok {
		value = field(request{
			args: asked.field.ArgumentMap(e.variables),
			selected: func() []string {
				typ := asked.field.Definition.Type.Name()
				var names []string
				for _, below := range e.collect(typ, asked.selections) {
					names = append(names, below.field.Name)
				}
				return names
			},
		})
	}
	return e.complete(value, asked.selections)
}

func (e execution) complete(value any, selections []ast.SelectionSet) any {
	switch value := value.(type) {
	case *object:
		if value == nil {
			return nil
		}
		return e.object(value, selections)
	case []*object:
		list := []any{}
		for _, element := range value {
			list = append(list, e.complete(element, selections))
		}
		return list
	default:
		return value
	}
}

// collect lists the fields selected of a type, each key once.
func (e execution) collect(typ string, selections []ast.SelectionSet) []*asked {
	var fields []*asked
	for _, set := range selections {
		fields = e.collectInto(fields, typ, set)
	}
	return fields
}

func (e execution) collectInto(fields []*asked, typ string, set ast.SelectionSet) []*asked {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if !e.included(selection.Directives) {
				continue
			}
			i := slices.IndexFunc(fields, func(f *asked) bool { return f.key == selection.Alias })
			if i < 0 {
				i = len(fields)
				fields = append(fields, &asked{key: selection.Alias, field: selection})
			}
			fields[i].selections = append(fields[i].selections, selection.SelectionSet)
		case *ast.InlineFragment:
			if e.included(selection.Directives) && e.applies(selection.TypeCondition, typ) {
				fields = e.collectInto(fields, typ, selection.SelectionSet)
			}
		case *ast.FragmentSpread:
			if e.included(selection.Directives) && e.applies(selection.Definition.TypeCondition, typ) {
				fields = e.collectInto(fields, typ, selection.Definition.SelectionSet)
			}
		}
	}
	return fields
}

func (e execution) included(directives ast.DirectiveList) bool {
	if skip := directives.ForName("skip"); skip != nil && skip.ArgumentMap(e.variables)["if"] == true {
		return false
	}
	include := directives.ForName("include")
	return include == nil || include.ArgumentMap(e.variables)["if"] == true
}

func (e execution) applies(condition, typ string) bool {
	if condition == "" || condition == typ {
		return true
	}
	return slices.ContainsFunc(e.schema.PossibleTypes[condition], func(possible *ast.Definition) bool {
		return possible.Name == typ
	})
}

// query is where every query starts.
func (o *oracle) query() *object {
	return &object{"Query", map[string]any{
		"viewer":    o.viewer(),
		"node":      resolve(func(r request) any { return o.node(text(r.args["id"])) }),
		"nodes":     resolve(o.nodes),
		"groups":    resolve(o.groups),
		"group":     resolve(func(r request) any { return o.groupByID(number("Group", r.args["id"])) }),
		"portfolio": resolve(o.portfolio),
		"customer":  resolve(func(r request) any { return o.customerByID(number("Customer", r.args["id"])) }),
		"tasks":     resolve(func(r request) any { return o.tasks(r, o.manager.Tasks, false) }),
		"task":      resolve(func(r request) any { return o.taskByID(number("Task", r.args["id"])) }),
		"taskBoard": to(o.taskBoard),
		"projects":  resolve(func(r request) any { return o.projects(r, func(*sandbox.Project) bool { return true }) }),
		"project":   resolve(func(r request) any { return o.projectByID(number("Project", r.args["id"])) }),
		"action":    resolve(func(r request) any { return o.actionByID(number("Action", r.args["id"])) }),
	}}
}

func (o *oracle) mutation() *object {
	return &object{"Mutation", map[string]any{
		"login": &object{"Session", map[string]any{
			"expiresAt": o.now.Add(time.Hour),
			"viewer":    o.viewer(),
		}},
	}}
}

// viewer has the end of the token as the test server sets it.
func (o *oracle) viewer() *object {
	return &object{"Viewer", map[string]any{"id": id(o.manager.ID), "expiresAt": o.now.Add(time.Hour)}}
}

func (o *oracle) nodes(r request) any {
	nodes := []*object{}
	for _, id := range r.args["ids"].([]any) {
		nodes = append(nodes, o.node(text(id)))
	}
	return nodes
}

// node finds an object by its id: "Type:number", of parts "Type:project:number".
func (o *oracle) node(opaque string) *object {
	plain, err := base64.RawURLEncoding.DecodeString(opaque)
	if err != nil {
		panic(err)
	}
	parts := strings.Split(string(plain), ":")
	number := parse(parts[len(parts)-1])
	switch parts[0] {
	case "Group":
		return o.groupByID(number)
	case "Customer":
		return o.customerByID(number)
	case "Task":
		return o.taskByID(number)
	case "Project":
		return o.projectByID(number)
	case "Action":
		return o.actionByID(number)
	default:
		return o.partByID(parts[0], parse(parts[1]), number)
	}
}

// nodeID makes an opaque id.
func nodeID(typ string, numbers ...any) string {
	parts := []string{typ}
	for _, number := range numbers {
		parts = append(parts, fmt.Sprint(number))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, ":")))
}

// number reads an id argument: a node id of the type or the CRM's own number.
func number(typ string, argument any) uint64 {
	given := text(argument)
	if number, err := strconv.ParseUint(given, 10, 64); err == nil {
		return number
	}
	plain, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil || !strings.HasPrefix(string(plain), typ+":") {
		panic(fmt.Sprintf("%q is no id of a %s", given, typ))
	}
	parts := strings.Split(string(plain), ":")
	return parse(parts[len(parts)-1])
}

func parse(digits string) uint64 {
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		panic(err)
	}
	return number
}

// id writes a CRM's number as an ID.
func id[N int64 | uint64](number N) string { return fmt.Sprint(number) }

// optionalID is id, or null.
func optionalID[N int64 | uint64](number *N) any {
	if number == nil {
		return nil
	}
	return id(*number)
}

func ids(numbers []uint64) []string {
	texts := []string{}
	for _, number := range numbers {
		texts = append(texts, id(number))
	}
	return texts
}

// text is an argument's value as text, empty for null.
func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// totals says when a list tells how long it is.
type totals int

const (
	told  totals = iota // by the CRM, or the whole list comes at once
	atEnd               // only a page that reaches the end shows it, as at solOS
)

// afterElements is how an oracle is told where to go on: cursors are opaque.
const afterElements = "after:"

// connection cuts the page that the arguments ask for out of a list.
func connection(typ string, list []*object, r request, totals totals) *object {
	first := int(parse(text(r.args["first"])))
	offset := 0
	if after := text(r.args["after"]); after != "" {
		count, ok := strings.CutPrefix(after, afterElements)
		if !ok {
			panic("an oracle cannot read cursors")
		}
		offset = int(parse(count))
	}
	start := min(offset, len(list))
	end := min(start+first, len(list))
	page := list[start:end]
	var total any
	if totals == told || (end == len(list) && (len(page) > 0 || offset == 0)) {
		total = len(list)
	}
	info := map[string]any{
		"hasNextPage": end < len(list), "hasPreviousPage": offset > 0,
		"startCursor": nil, "endCursor": nil,
	}
	if len(page) > 0 {
		info["startCursor"], info["endCursor"] = anyCursor, anyCursor
	}
	edges := []*object{}
	for _, node := range page {
		edges = append(edges, &object{typ + "Edge", map[string]any{"cursor": anyCursor, "node": node}})
	}
	return &object{typ + "Connection", map[string]any{
		"edges": edges, "nodes": page, "totalCount": total, "pageInfo": &object{"PageInfo", info},
	}}
}

// with adds fields to an object.
func (of *object) with(fields map[string]any) *object {
	maps.Copy(of.fields, fields)
	return of
}

// sentJSON is JSON as a CRM sends it.
func sentJSON(format string, args ...any) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(format, args...))
}
