package admission

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/executor"
)

// measure finds out how much a document asks for, and the first limit it is over. It knows
// nothing of the schema. Plans of the document's operations have about that many steps.
func (l *Limits) measure(doc *ast.QueryDocument) (steps int, _ *gqlerror.Error) {
	m := &meter{fragments: make(map[string]*fragment, len(doc.Fragments)), choosing: map[string]bool{}}
	for _, f := range doc.Fragments {
		if m.fragments[f.Name] == nil { // of equal names the first counts, as it does for whoever looks one up
			m.fragments[f.Name] = &fragment{definition: f}
		}
	}
	var roots, variables int
	var whole extent
	for _, op := range doc.Operations {
		m.directives(op.Directives)
		variables = max(variables, len(op.VariableDefinitions))
		m.variables(op.VariableDefinitions)
		own := m.selections(op.SelectionSet)
		roots = max(roots, own.level)
		whole = whole.max(own)
	}
	for _, f := range doc.Fragments {
		variables = max(variables, len(f.VariableDefinition))
		if known := m.fragments[f.Name]; known.definition == f {
			whole = whole.max(m.fragment(known))
		} else { // two fragments of one name do not pass validation, but are to be measured before
			whole = whole.max(m.define(f))
		}
	}
	if m.cycle {
		return 0, refuse(CodeFragmentCycle)
	}
	for _, check := range []struct {
		code         Code
		value, limit int
	}{
		{CodeTooManyOperations, len(doc.Operations), l.MaxOperations},
		{CodeTooManyFragments, len(doc.Fragments), l.MaxFragments},
		{CodeTooManySpreads, m.spreads, l.MaxSpreads},
		{CodeTooDeep, whole.depth, l.MaxDepth},
		{CodeTooManyRootFields, roots, l.MaxRootFields},
		{CodeTooManyAliases, m.aliases, l.MaxAliases},
		{CodeTooManyFields, whole.fields, l.MaxFields},
		{CodeDirectivesPerPlace, m.mostDirectives, l.MaxDirectivesPerLocation},
		{CodeTooManyDirectives, m.allDirectives, l.MaxDirectives},
		{CodeTooManyVariables, variables, l.MaxVariables},
		{CodeInputTooDeep, m.inputDepth, l.MaxInputDepth},
		{CodeListTooLong, m.longestList, l.MaxListSize},
	} {
		if check.value > check.limit {
			return 0, exceeded(check.code, check.value, check.limit)
		}
	}
	return m.steps(whole.fields), nil
}

// steps returns how many steps plans for that many fields have, for each choice of what depends
// on a variable. Fields of interfaces are a step for each type.
func (m *meter) steps(fields int) int {
	choices := 1
	for range m.choosing {
		choices = min(2*choices, executor.MaxVariants)
	}
	return choices * (128 + fields + fields/2)
}

// extent is how far a selection set reaches, with the fragments it spreads. Numbers end at
// math.MaxInt32: a few hundred bytes of fragments can stand for more fields than can be counted.
type extent struct {
	depth  int // fields in each other
	fields int // all of them
	level  int // those that are in no other
}

func (e extent) max(other extent) extent {
	return extent{max(e.depth, other.depth), max(e.fields, other.fields), max(e.level, other.level)}
}

// beside returns the extent of two parts of one selection set.
func (e extent) beside(other extent) extent {
	return extent{
		depth:  max(e.depth, other.depth),
		fields: min(e.fields+other.fields, math.MaxInt32),
		level:  min(e.level+other.level, math.MaxInt32),
	}
}

// fragment is a fragment with its extent, once that is known.
type fragment struct {
	definition *ast.FragmentDefinition
	extent     extent
	begun      bool
	done       bool
}

// meter walks every definition of a document once.
type meter struct {
	fragments map[string]*fragment
	cycle     bool

	aliases, spreads              int
	allDirectives, mostDirectives int
	inputDepth, longestList       int
	choosing                      map[string]bool // variables that directives depend on
}

func (m *meter) fragment(f *fragment) extent {
	switch {
	case f.done:
	case f.begun:
		m.cycle = true
	default:
		f.begun = true
		f.extent = m.define(f.definition)
		f.done = true
	}
	return f.extent
}

func (m *meter) define(f *ast.FragmentDefinition) extent {
	m.directives(f.Directives)
	m.variables(f.VariableDefinition)
	return m.selections(f.SelectionSet)
}

func (m *meter) selections(set ast.SelectionSet) (all extent) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				m.aliases++
			}
			m.directives(s.Directives)
			m.arguments(s.Arguments)
			below := m.selections(s.SelectionSet)
			all = all.beside(extent{depth: below.depth + 1, fields: below.fields + 1, level: 1})
		case *ast.InlineFragment:
			m.directives(s.Directives)
			all = all.beside(m.selections(s.SelectionSet))
		case *ast.FragmentSpread:
			m.spreads++
			m.directives(s.Directives)
			if f := m.fragments[s.Name]; f != nil {
				all = all.beside(m.fragment(f))
			}
		}
	}
	return all
}

func (m *meter) directives(list ast.DirectiveList) {
	m.allDirectives += len(list)
	m.mostDirectives = max(m.mostDirectives, len(list))
	for _, directive := range list {
		m.arguments(directive.Arguments)
		if condition := directive.Arguments.ForName("if"); condition != nil && condition.Value.Kind == ast.Variable {
			m.choosing[condition.Value.Raw] = true
		}
	}
}

func (m *meter) variables(list ast.VariableDefinitionList) {
	for _, variable := range list {
		m.directives(variable.Directives)
		if variable.DefaultValue != nil {
			m.value(variable.DefaultValue, 0)
		}
	}
}

func (m *meter) arguments(list ast.ArgumentList) {
	for _, argument := range list {
		m.value(argument.Value, 0)
	}
}

// value measures a value inside of that many lists and objects.
func (m *meter) value(v *ast.Value, depth int) {
	if v.Kind != ast.ListValue && v.Kind != ast.ObjectValue {
		return
	}
	depth++
	m.inputDepth = max(m.inputDepth, depth)
	m.longestList = max(m.longestList, len(v.Children))
	for _, child := range v.Children {
		m.value(child.Value, depth)
	}
}
