package admission

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Fields of one response name can be merged if they return the same shape and, unless their
// objects are of different types, are the same field with the same arguments; and if the same
// is true of what is selected below all of them together.
//
// gqlparser compares each such field with each other. Here fields that are to agree are put
// together once, compared with the first of them, and what is selected below them is
// merged and goes the same way. This is the algorithm of Simon Adameit, with two additions.
// Selection sets that are merged again in another place are not looked at again. And the number
// of fields looked at is bounded by the length of the document, because there are documents
// whose selection sets merge in exponentially many ways; no algorithm is known, and none is
// likely, that decides on all of them in less than quadratic time.

const (
	// overlapFactor is how often each field of a document may be looked at.
	overlapFactor = 64
	// overlapFloor is how many fields may be looked at in any document.
	overlapFloor = 20_000
)

// findOverlaps returns which fields of a valid document cannot be merged, of each response
// name of a merged selection set the first that does not agree with the others.
func findOverlaps(schema *ast.Schema, doc *ast.QueryDocument, maxErrors int) gqlerror.List {
	o := &overlaps{
		schema:    schema,
		maxErrors: maxErrors,
		sets:      map[*ast.Selection]uint32{},
		entered:   make(map[*ast.FragmentDefinition]int, len(doc.Fragments)),
		shapes:    map[*ast.FieldDefinition]string{},
		calls:     map[*ast.Field]int{},
		numbers:   map[string]int{},
		reported:  map[*ast.Field]bool{},
	}
	// Each fragment is spread in an operation, or the document would not be valid.
	for _, op := range doc.Operations {
		o.count(op.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		o.count(fragment.SelectionSet)
	}
	o.limit = overlapFloor + overlapFactor*o.fields
	checks := []*check{
		{split: byType, agree: o.sameCall, done: map[string]bool{}},
		{split: whole, agree: o.sameShape, done: map[string]bool{}},
	}
	for _, c := range checks {
		for _, op := range doc.Operations {
			o.run(c, []ast.SelectionSet{op.SelectionSet})
		}
	}
	if o.looked > o.limit {
		return gqlerror.List{exceeded(CodeTooMuchOverlap, o.looked, o.limit)}
	}
	return o.errs
}

// overlaps looks for fields that cannot be merged.
type overlaps struct {
	schema    *ast.Schema
	maxErrors int
	errs      gqlerror.List
	reported  map[*ast.Field]bool

	fields, looked, limit int // fields there are, were looked at, may be

	sets    map[*ast.Selection]uint32 // numbers of selection sets, by their first selection
	entered map[*ast.FragmentDefinition]int
	round   int // the number of the merged selection set that is collected
	shapes  map[*ast.FieldDefinition]string
	calls   map[*ast.Field]int // the number of a field's arguments
	numbers map[string]int     // of arguments, by what they are
}

// check is one of the two things that merged fields have to agree in.
type check struct {
	// split divides fields of one response name into those that have to agree.
	split func([]*ast.Field) [][]*ast.Field
	// agree reports whether two fields do, and says why they do not.
	agree func(a, b *ast.Field) (bool, func() string)
	done  map[string]bool // which selection sets have been merged
}

func (o *overlaps) full() bool { return len(o.errs) >= o.maxErrors || o.looked > o.limit }

// run checks the fields of selection sets that are merged into one, and all below.
func (o *overlaps) run(c *check, sets []ast.SelectionSet) {
	key := o.key(sets)
	if key == "" || c.done[key] {
		return
	}
	c.done[key] = true
	for _, named := range o.collect(sets) {
		for _, group := range c.split(named) {
			for len(group) > 0 && !o.full() {
				agreed, rest := o.compare(c, group)
				o.run(c, setsBelow(agreed))
				group = rest
			}
		}
	}
}

// compare returns the fields of a group that agree with its first, and the rest.
func (o *overlaps) compare(c *check, group []*ast.Field) (agreed, rest []*ast.Field) {
	first := group[0]
	o.looked += len(group)
	for i, field := range group[1:] {
		same, why := c.agree(first, field)
		if same {
			if rest != nil {
				agreed = append(agreed, field)
			}
			continue
		}
		if rest == nil {
			agreed = slices.Clone(group[:i+1])
			o.report(field, why())
		}
		rest = append(rest, field)
	}
	if rest == nil {
		return group, nil
	}
	return agreed, rest
}

func (o *overlaps) report(field *ast.Field, why string) {
	if o.reported[field] {
		return
	}
	o.reported[field] = true
	err := gqlerror.ErrorPosf(field.Position,
		`Fields "%s" conflict because %s. Use different aliases on the fields to fetch both if this was intentional.`, field.Alias, why)
	err.Rule = "OverlappingFieldsCanBeMerged"
	errcode.Set(err, errcode.ValidationFailed)
	o.errs = append(o.errs, err)
}

func (o *overlaps) sameCall(a, b *ast.Field) (bool, func() string) {
	if a.Name != b.Name {
		return false, func() string { return fmt.Sprintf(`"%s" and "%s" are different fields`, a.Name, b.Name) }
	}
	return o.call(a) == o.call(b), func() string { return "they have differing arguments" }
}

func (o *overlaps) sameShape(a, b *ast.Field) (bool, func() string) {
	return o.shape(a) == o.shape(b), func() string {
		return fmt.Sprintf(`they return conflicting types "%s" and "%s"`, a.Definition.Type, b.Definition.Type)
	}
}

// whole has all fields agree.
func whole(fields []*ast.Field) [][]*ast.Field { return [][]*ast.Field{fields} }

// byType has fields agree that can be of one object: those of the same type, and those of
// interfaces and unions with them.
func byType(fields []*ast.Field) [][]*ast.Field {
	var types []*ast.Definition
	for _, field := range fields {
		t := field.ObjectDefinition
		if t.Kind == ast.Object && !slices.Contains(types, t) { // there are as many as the schema has
			types = append(types, t)
		}
	}
	if len(types) < 2 {
		return whole(fields)
	}
	groups := make([][]*ast.Field, len(types))
	for _, field := range fields {
		if field.ObjectDefinition.Kind == ast.Object {
			i := slices.Index(types, field.ObjectDefinition)
			groups[i] = append(groups[i], field)
			continue
		}
		for i := range groups {
			groups[i] = append(groups[i], field)
		}
	}
	return groups
}

// setsBelow returns what is selected below fields.
func setsBelow(fields []*ast.Field) []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, field := range fields {
		if len(field.SelectionSet) > 0 {
			sets = append(sets, field.SelectionSet)
		}
	}
	return sets
}

// key identifies selection sets that are merged, whatever their order; "" is none.
func (o *overlaps) key(sets []ast.SelectionSet) string {
	numbers := make([]uint32, len(sets))
	for i, set := range sets {
		number, known := o.sets[&set[0]]
		if !known {
			number = uint32(len(o.sets))
			o.sets[&set[0]] = number
		}
		numbers[i] = number
	}
	slices.Sort(numbers)
	var key []byte
	for _, number := range slices.Compact(numbers) {
		key = binary.LittleEndian.AppendUint32(key, number)
	}
	return string(key)
}

// collect returns the fields of selection sets by response name, fragments followed.
func (o *overlaps) collect(sets []ast.SelectionSet) [][]*ast.Field {
	c := collection{index: map[string]int{}}
	o.round++
	for _, set := range sets {
		o.collectFrom(set, &c)
	}
	return c.fields
}

// collection is fields by response name, in the order in which the names come first.
type collection struct {
	index  map[string]int
	fields [][]*ast.Field
}

func (c *collection) add(field *ast.Field) {
	i, known := c.index[field.Alias]
	if !known {
		i = len(c.fields)
		c.index[field.Alias] = i
		c.fields = append(c.fields, nil)
	}
	c.fields[i] = append(c.fields[i], field)
}

func (o *overlaps) collectFrom(set ast.SelectionSet, c *collection) {
	for _, selection := range set {
		if o.looked++; o.looked > o.limit {
			return
		}
		switch s := selection.(type) {
		case *ast.Field:
			c.add(s)
		case *ast.InlineFragment:
			o.collectFrom(s.SelectionSet, c)
		case *ast.FragmentSpread:
			if o.entered[s.Definition] != o.round {
				o.entered[s.Definition] = o.round
				o.collectFrom(s.Definition.SelectionSet, c)
			}
		}
	}
}

// count counts the fields and fragments of a selection set.
func (o *overlaps) count(set ast.SelectionSet) {
	for _, selection := range set {
		o.fields++
		switch s := selection.(type) {
		case *ast.Field:
			o.count(s.SelectionSet)
		case *ast.InlineFragment:
			o.count(s.SelectionSet)
		}
	}
}
