package executor

import (
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxSteps bounds a plan: fragments that spread fragments can unfold without end.
const maxSteps = 20_000

var (
	errUnserved = errors.New("a field that has no accessor")
	errTooLarge = errors.New("too many fields")
)

// compiler makes the plan of one operation.
type compiler struct {
	schema  *Schema
	batched func(object, field string, selected []string) (Batch, bool)
	// op carries the document and the variables that @skip and @include look at, which is
	// all that collecting fields needs.
	op     *graphql.OperationContext
	defers bool // the operation has @defer
	// mutation is the root of mutations.
	mutation *Object
	plan     *plan
	batches  map[batchKey][]*step
	order    []batchKey
}

type batchKey struct {
	object, field, kind string
	group               *group
}

// compile returns errUnserved or errTooLarge for what is to be left to gqlgen.
func (c *compiler) compile(root *Object, set ast.SelectionSet) (*plan, error) {
	c.plan = &plan{defers: c.defers}
	c.batches = map[batchKey][]*step{}
	position := &position{}
	first := c.group(nil, nil)
	if err := c.selection(position, root, set, nil, first); err != nil {
		return nil, err
	}
	first.selection = position.selections[0]
	c.plan.root = position
	for _, key := range c.order {
		if steps := c.batches[key]; len(steps) > 1 {
			c.plan.batches = append(c.plan.batches, steps)
		}
	}
	return c.plan, nil
}

// position compiles what is selected of a composite type.
func (c *compiler) position(name string, set ast.SelectionSet, above *step, in *group) (*position, error) {
	position := &position{}
	if object, ok := c.schema.Objects[name]; ok {
		return position, c.selection(position, object, set, above, in)
	}
	abstract, ok := c.schema.Abstract[name]
	if !ok {
		return nil, errUnserved
	}
	position.abstract = abstract
	for _, name := range abstract.Types {
		if err := c.selection(position, c.schema.Objects[name], set, above, in); err != nil {
			return nil, err
		}
	}
	return position, nil
}

// selection compiles what is selected of one object type and adds it to position.
func (c *compiler) selection(position *position, object *Object, set ast.SelectionSet, above *step, in *group) error {
	selection := &selection{object: object}
	position.selections = append(position.selections, selection)
	if !c.defers {
		return c.fields(position, selection, graphql.CollectFields(c.op, set, object.Satisfies), above, in)
	}
	collected, err := c.collect(object, set)
	if err != nil {
		return err
	}
	if err := c.fields(position, selection, c.merged(collected, object), above, in); err != nil {
		return err
	}
	return c.deferred(position, selection, collected, above, in)
}

// group adds a group to the plan.
func (c *compiler) group(of *selection, label *ast.Value) *group {
	g := &group{id: len(c.plan.groups), of: of, label: label}
	c.plan.groups = append(c.plan.groups, g)
	return g
}

// deferred compiles what is deferred of a selection.
func (c *compiler) deferred(position *position, of *selection, within *fragment, above *step, in *group) error {
	for _, later := range within.deferred {
		position.defers = true
		g := c.group(of, later.label)
		g.selection = &selection{object: of.object}
		of.groups = append(of.groups, g)
		in.below = append(in.below, g)
		if err := c.fields(position, g.selection, c.merged(later, of.object), above, g); err != nil {
			return err
		}
		if err := c.deferred(position, g.selection, later, above, g); err != nil {
			return err
		}
	}
	return nil
}

// fields adds fields, of which none is deferred within the group, to a selection.
func (c *compiler) fields(position *position, selection *selection, fields []graphql.CollectedField, above *step, in *group) error {
	object := selection.object
	written := map[string]bool{}
	for _, field := range fields {
		if written[field.Alias] {
			continue // as gqlgen: of two that it could not merge, the first
		}
		written[field.Alias] = true
		if len(c.plan.steps) == maxSteps {
			return errTooLarge
		}
		step := &step{id: len(c.plan.steps), slot: noSlot, object: object, collected: field, above: above, group: in}
		c.plan.steps = append(c.plan.steps, step)
		step.key = keyOf(field.Alias, len(selection.steps) > 0)
		selection.steps = append(selection.steps, step)
		if field.Name == "__typename" {
			step.literal = appendString(nil, object.Name)
			continue
		}
		if err := c.step(step); err != nil {
			return err
		}
		if step.resolves() || step.position != nil && step.position.waits() {
			step.slot = position.slots
			position.slots++
			selection.kept = append(selection.kept, step)
		}
	}
	return nil
}

func (c *compiler) step(step *step) error {
	step.field = step.object.Fields[step.collected.Name]
	if step.field == nil || !step.field.isServed() {
		return errUnserved
	}
	step.constant = !hasVariables(step.collected.Arguments)
	if step.field.Args == nil {
		step.constants.Store(noArguments)
	}
	above := step.above
	if step.resolves() {
		above = step
		c.collectBatch(step)
	}
	if name := compositeName(step.field.Type); name != "" {
		var err error
		step.position, err = c.position(name, step.collected.Selections, above, step.group)
		return err
	}
	return nil
}

// collectBatch takes note of a step that can share its batches.
func (c *compiler) collectBatch(step *step) {
	if c.batched == nil {
		return
	}
	var selected []string
	for _, field := range graphql.CollectFields(c.op, step.collected.Selections, nil) {
		selected = append(selected, field.Name)
	}
	batch, ok := c.batched(step.object.Name, step.collected.Name, selected)
	if !ok {
		return
	}
	step.whole = batch.Whole
	key := batchKey{step.object.Name, step.collected.Name, batch.Kind, step.group}
	step.batch = key
	if _, ok := c.batches[key]; !ok {
		c.order = append(c.order, key)
	}
	c.batches[key] = append(c.batches[key], step)
}

// compositeName returns the name of the composite that t is or lists, else "".
func compositeName(t *Type) string {
	for t.Of != nil {
		t = t.Of
	}
	return t.Composite
}

func keyOf(alias string, comma bool) []byte {
	var key []byte
	if comma {
		key = append(key, ',')
	}
	return append(appendString(key, alias), ':')
}
