package plan

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph/model"
)

// Operation is a validated operation with its variables, coerced and with their defaults.
type Operation struct {
	Schema     *ast.Schema
	Definition *ast.OperationDefinition
	Fragments  ast.FragmentDefinitionList
	Variables  map[string]any
	// Defers says that the answer comes in parts: none of them waits for what may be in a
	// later one.
	Defers bool
}

// ErrTooLarge is returned for operations that select more fields than a plan looks at.
var ErrTooLarge = errors.New("the operation selects too many fields to plan")

// maxVisits bounds the work of planning. A fragment is walked wherever it is spread, so a
// few hundred bytes can select more fields than any computer can walk.
const maxVisits = 20_000

// selection is a field of the response with everything that is selected below it.
type selection struct {
	alias     string
	field     *ast.Field
	below     []ast.SelectionSet
	arguments map[string]any
}

// collect merges the fields that sets select on objects of a type into fields of the
// response, in order of first appearance. Each fragment is looked into once.
func (w *walk) collect(typeName string, sets []ast.SelectionSet) []*selection {
	c := collection{walk: w, typeName: typeName, byAlias: map[string]*selection{}, seen: map[string]bool{}}
	for _, set := range sets {
		c.add(set)
	}
	return c.fields
}

type collection struct {
	walk     *walk
	typeName string
	fields   []*selection
	byAlias  map[string]*selection
	seen     map[string]bool
}

func (c *collection) add(set ast.SelectionSet) {
	for _, selected := range set {
		if c.walk.visits++; c.walk.visits > maxVisits {
			return
		}
		switch selected := selected.(type) {
		case *ast.Field:
			if c.walk.included(selected.Directives) {
				c.addField(selected)
			}
		case *ast.InlineFragment:
			if c.walk.included(selected.Directives) && c.walk.applies(selected.TypeCondition, c.typeName) {
				c.add(selected.SelectionSet)
			}
		case *ast.FragmentSpread:
			fragment := c.walk.op.Fragments.ForName(selected.Name)
			if fragment == nil || c.seen[selected.Name] || !c.walk.included(selected.Directives) {
				continue
			}
			c.seen[selected.Name] = true
			if c.walk.applies(fragment.TypeCondition, c.typeName) {
				c.add(fragment.SelectionSet)
			}
		}
	}
}

func (c *collection) addField(field *ast.Field) {
	known, ok := c.byAlias[field.Alias]
	if !ok {
		known = &selection{alias: field.Alias, field: field, arguments: field.ArgumentMap(c.walk.op.Variables)}
		c.byAlias[field.Alias] = known
		c.fields = append(c.fields, known)
	}
	if len(field.SelectionSet) > 0 {
		known.below = append(known.below, field.SelectionSet)
	}
}

// applies reports whether a fragment on condition looks at objects of a type.
func (w *walk) applies(condition, typeName string) bool {
	if condition == "" || condition == typeName {
		return true
	}
	definition := w.op.Schema.Types[condition]
	if definition == nil || !definition.IsAbstractType() {
		return false
	}
	for _, possible := range w.op.Schema.GetPossibleTypes(definition) {
		if possible.Name == typeName {
			return true
		}
	}
	return false
}

func (w *walk) included(directives ast.DirectiveList) bool {
	return w.condition(directives, "include", true) && !w.condition(directives, "skip", false)
}

func (w *walk) condition(directives ast.DirectiveList, name string, otherwise bool) bool {
	directive := directives.ForName(name)
	if directive == nil {
		return otherwise
	}
	value, ok := directive.ArgumentMap(w.op.Variables)["if"].(bool)
	return value && ok
}

// number reads an Int argument, in whichever Go type literals and variables have it. Variables may
// also have it as text: gqlgen's executor takes that.
func (s *selection) number(name string) int {
	switch value := s.arguments[name].(type) {
	case string:
		if n, err := strconv.Atoi(value); err == nil {
			return n
		}
	case int64:
		return int(value)
	case int:
		return value
	case int32:
		return int(value)
	case float64:
		return int(value)
	case json.Number:
		if n, err := value.Int64(); err == nil {
			return int(n)
		}
	}
	return 0
}

// first is the page size asked for.
func (s *selection) first() int { return s.number("first") }

// isRefused reports whether the field fails without a call, and so with nothing below it: that is the
// better answer to a page that nobody may ask for than what it would cost.
func (s *selection) isRefused() bool {
	if s.field.Definition == nil || s.field.Definition.Arguments.ForName("first") == nil {
		return false
	}
	return s.first() < 1 || s.first() > model.MaxFirst
}

// hasOnly reports whether all arguments but one are null or left out.
func (s *selection) hasOnly(name string) bool {
	for other, value := range s.arguments {
		if other != name && value != nil {
			return false
		}
	}
	return true
}

func (s *selection) text(name string) string {
	text, _ := s.arguments[name].(string)
	return text
}

// idOf reads an ID, which literals and variables may also have as a number; "" is none.
func idOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case int64:
		return strconv.FormatInt(value, 10)
	case int:
		return strconv.Itoa(value)
	case json.Number:
		return value.String()
	}
	return ""
}

// ids reads a list of IDs, for which one by itself stands as well.
func (s *selection) ids(name string) []string {
	switch value := s.arguments[name].(type) {
	case []any:
		ids := make([]string, len(value))
		for i, element := range value {
			ids[i] = idOf(element)
		}
		return ids
	case []string:
		return value
	default:
		return []string{idOf(value)}
	}
}

// key identifies the field with its arguments, whatever its alias.
func (s *selection) key() string {
	arguments, err := json.Marshal(s.arguments)
	if err != nil {
		return s.field.Name + "#" + s.alias
	}
	return s.field.Name + string(arguments)
}
