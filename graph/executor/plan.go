package executor

import (
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// plan is a compiled operation, under one choice of its @skip, @include and @defer.
type plan struct {
	root   *position
	steps  []*step // by their ids
	defers bool    // the operation has @defer, if perhaps only of what is selected outside as well
	// groups are what comes in parts of their own; the first is what is not deferred.
	groups []*group
	// batches are steps that one batch may serve: same field, same object type, same group.
	batches [][]*step
}

// position is a composite place in the response.
type position struct {
	abstract   *Abstract    // nil where only one object type can stand
	selections []*selection // one for each object type
	// slots is the number of steps here whose outcome is kept until the answer is written:
	// resolvers, and plain fields that lead on to some.
	slots  int
	defers bool // something is deferred right here
}

// waits reports whether a resolver runs here or further down, or something is deferred.
func (p *position) waits() bool { return p.slots > 0 || p.defers }

// selection is what is selected of one object type, in one part of the answer.
type selection struct {
	object *Object
	steps  []*step  // all, in the order of the response
	kept   []*step  // those that have a slot
	groups []*group // deferred fragments of the same objects
}

// group is what comes together: of the fields that one deferred fragment has for one object
// type, those that are not selected outside of it.
type group struct {
	id int // among the plan's
	*selection
	of    *selection // in which the fragment stands; nil for what is not deferred
	label *ast.Value // nil for none
	below []*group   // that are deferred once more, here or further down
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
	group     *group
	batch     batchKey // with which steps it can share a batch; the zero value: with none
	whole     bool     // the first call brings what all others need
	constant  bool     // the arguments are the same in all runs
	// constants are the arguments then, once they have been read.
	constants atomic.Pointer[arguments]
}

const noSlot = -1

func (s *step) resolves() bool { return s.field != nil && s.field.Resolve != nil }
