package admission

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// validator validates documents by gqlparser's rules, except for two: cycles of fragments are
// refused before, and whether fields can be merged is found out in overlap.go. It has one more.
type validator struct {
	schema    *ast.Schema
	rules     []core.Rule
	maxErrors int
}

func newValidator(schema *ast.Schema, suggestions bool, maxErrors int) *validator {
	set := rules.NewDefaultRules()
	set.RemoveRule(rules.NoFragmentCyclesRule.Name)
	set.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	replace := func(old, by core.Rule) {
		set.RemoveRule(old.Name)
		set.AddRule(by.Name, by.RuleFunc)
	}
	// It suggests for values too, and those can be as long as the document.
	replace(rules.ValuesOfCorrectTypeRule, rules.ValuesOfCorrectTypeRuleWithoutSuggestions)
	if !suggestions {
		replace(rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions)
		replace(rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions)
		replace(rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions)
		replace(rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions)
	}
	set.AddRule("EmptyObjects", findEmptyObjects)
	v := &validator{schema: schema, maxErrors: maxErrors}
	for name, rule := range set.GetInner() {
		v.rules = append(v.rules, core.Rule{Name: name, RuleFunc: rule})
	}
	slices.SortFunc(v.rules, func(a, b core.Rule) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// findEmptyObjects adds an error for each {} where no object can be. gqlparser finds fault only with
// what is in an object.
func findEmptyObjects(events *core.Events, addError core.AddErrFunc) {
	events.OnValue(func(_ *core.Walker, value *ast.Value) {
		if value.Kind != ast.ObjectValue || len(value.Children) > 0 || value.Definition == nil || value.ExpectedType == nil {
			return
		}
		// Other scalars say themselves what they can be read from.
		if value.Definition.Kind == ast.Enum || value.Definition.OneOf("Int", "Float", "String", "Boolean", "ID") {
			addError(core.Message("%s", expected(value.ExpectedType.String())), core.At(value.Position))
		}
	})
}

// validate adds to a document what its execution needs to know, and returns what is wrong
// with it. Its fragments have no cycles.
func (v *validator) validate(doc *ast.QueryDocument) gqlerror.List {
	run := &validation{max: v.maxErrors, known: map[string]*ast.VariableDefinition{}}
	events := &core.Events{}
	run.observe(events)
	for _, rule := range v.rules {
		rule.RuleFunc(events, run.reporter(rule.Name))
	}
	core.Walk(v.schema, doc, events)
	if len(run.errs) > 0 {
		return run.errs
	}
	for _, fragment := range doc.Fragments {
		fragment.Definition = v.schema.Types[fragment.TypeCondition]
	}
	return findOverlaps(v.schema, doc, v.maxErrors)
}

// validation is what one walk of gqlparser's over a document knows. It keeps the walk from
// what would take it more time than the document is long.
type validation struct {
	max   int
	errs  gqlerror.List
	known map[string]*ast.VariableDefinition // the variables of the current operation
	value *ast.Value                         // that is looked at
}

// observe has the validation see everything before the rules do.
func (v *validation) observe(events *core.Events) {
	events.OnVariable(v.indexVariables)
	events.OnValue(func(w *core.Walker, value *ast.Value) {
		v.value = value
		v.findVariable(w, value)
		v.stopWhenFull(w)
	})
	events.OnField(func(w *core.Walker, _ *ast.Field) { v.stopWhenFull(w) })
	events.OnDirective(func(w *core.Walker, _ *ast.Directive) { v.stopWhenFull(w) })
	events.OnInlineFragment(func(w *core.Walker, _ *ast.InlineFragment) { v.stopWhenFull(w) })
	events.OnFragmentSpread(func(w *core.Walker, _ *ast.FragmentSpread) { v.stopWhenFull(w) })
	events.OnOperation(func(w *core.Walker, operation *ast.OperationDefinition) {
		clear(v.known)
		if operation == w.Document.Operations[len(w.Document.Operations)-1] {
			strip(w)
		}
	})
}

// indexVariables has the walker find no variables, for it looks through all of them at each
// place where one is used. An index does that in its stead.
func (v *validation) indexVariables(w *core.Walker, _ *ast.VariableDefinition) {
	if len(w.CurrentOperation.VariableDefinitions) == 0 {
		return // done at the first of them
	}
	for _, variable := range w.CurrentOperation.VariableDefinitions {
		if v.known[variable.Variable] == nil { // of equal names the first counts
			v.known[variable.Variable] = variable
		}
	}
	bare := *w.CurrentOperation
	bare.VariableDefinitions = nil
	w.CurrentOperation = &bare
}

func (v *validation) findVariable(w *core.Walker, value *ast.Value) {
	if value.Kind != ast.Variable || w.CurrentOperation == nil {
		return
	}
	if variable := v.known[value.Raw]; variable != nil {
		value.VariableDefinition = variable
		variable.Used = true
	}
}

// stopWhenFull has the walker go on without rules when there are errors enough.
func (v *validation) stopWhenFull(w *core.Walker) {
	if len(v.errs) >= v.max {
		w.Observers = &core.Events{}
	}
}

// strip empties the fragments that are left to walk after the operations. The walker would
// follow all spreads below each of them, and operations have led to all that are used.
func strip(w *core.Walker) {
	bare := &ast.QueryDocument{Operations: w.Document.Operations}
	for _, fragment := range w.Document.Fragments {
		bare.Fragments = append(bare.Fragments, &ast.FragmentDefinition{
			Name:          fragment.Name,
			TypeCondition: fragment.TypeCondition,
			Position:      fragment.Position,
		})
	}
	w.Document = bare
}

// reporter returns what a rule tells its errors to.
func (v *validation) reporter(rule string) core.AddErrFunc {
	return func(options ...core.ErrorOption) {
		if len(v.errs) >= v.max {
			return
		}
		err := &gqlerror.Error{Rule: rule}
		for _, option := range options {
			option(err)
		}
		if rule == rules.ValuesOfCorrectTypeRuleWithoutSuggestions.Name {
			err.Message = v.withoutValue(err.Message)
		}
		errcode.Set(err, errcode.ValidationFailed)
		v.errs = append(v.errs, err)
	}
}

// withoutValue returns a message about the current value that does not quote it. Those about
// a field of an input object name nothing but the field.
func (v *validation) withoutValue(message string) string {
	if strings.HasPrefix(message, "Field ") || strings.HasPrefix(message, "OneOf ") {
		return message
	}
	return expected(v.value.ExpectedType.String())
}

// expected is what is wrong with a value that is not of a type.
func expected(name string) string { return `Expected a value of type "` + name + `".` }
