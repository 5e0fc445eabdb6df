package executor

import (
	"github.com/99designs/gqlgen/graphql"
)

// plan is a compiled operation, under one choice of its @skip and @include.
type plan struct {
	root  *position
	steps int // their number; each has its own id below it
	// batches are steps that one batch may serve: same field, same object type.
	batches [][]*step
}

// position is a composite place in the response.
type position struct {
	abstract   *Abstract    // nil where only one object type can stand
	selections []*selection // one for each object type
	// slots is the number of steps here whose outcome is kept until the answer is written:
	// resolvers, and plain fields that lead on to some.
	slots int
}

// waits reports whether a resolver runs here or further down.
func (p *position) waits() bool { return p.slots > 0 }

// selection is what is selected of one object type.
type selection struct {
	object *Object
	steps  []*step // all, in the order of the response
	kept   []*step // those that have a slot
}

// step is one field of a selection.
type step struct {
	id      int
	slot    int    // in its position, or noSlot
	key     []byte // the response key with its comma, quotes and colon
	literal []byte // __typename: what to write; nil for any other field
	object  *Object
	field   *Field
	// collected is the field as resolvers see it.
	collected graphql.CollectedField
	position  *position // of its value; nil for leaves
	above     *step     // the resolver nearest above; nil below the root
	whole     bool      // the first call brings what all others need
}

const noSlot = -1

func (s *step) resolves() bool { return s.field != nil && s.field.Resolve != nil }
