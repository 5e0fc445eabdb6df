package plan

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// Options are what a plan assumes of the data.
type Options struct {
	// Unbounded is how many elements one list without a page size is taken to have (groups,
	// the task board, a customer's projects on its timeline); 0 means DefaultUnbounded.
	Unbounded int
	// Average is how many each further such list is taken to have; 0 means DefaultAverage.
	Average int
	// Installation is what is known of the CRMs; its zero value means the worst.
	Installation Installation
}

// Installation says which of ProPortal's undocumented ways this installation is known
// to have. Where it may lack one, the plan counts the detour.
type Installation struct {
	Cards         bool // the endpoint of one customer's card
	Tasks         bool // the endpoint of one task
	CustomerTasks bool // the endpoint of one customer's tasks
	SmallPages    bool // it has been seen to ignore the size asked for a portfolio page
}

// Observed is an installation that has all of them.
func Observed() Installation { return Installation{Cards: true, Tasks: true, CustomerTasks: true} }

// Defaults of Options.
const (
	DefaultUnbounded = 25
	DefaultAverage   = 8
)

// New plans an operation. It fails with ErrTooLarge if there is too much to look at.
func New(op Operation, opts Options) (*Plan, error) {
	if opts.Unbounded == 0 {
		opts.Unbounded = DefaultUnbounded
	}
	if opts.Average == 0 {
		opts.Average = DefaultAverage
	}
	w := &walk{
		op: op, opts: opts, rules: rules(), steps: map[stepKey]*step{},
		listAskers: map[proportal.TaskStatus]map[string]struct{}{},
	}
	root := objects{typeName: rootType(op), max: 1}
	w.objects(root, []ast.SelectionSet{op.Definition.SelectionSet}, "")
	if w.visits > maxVisits {
		return nil, ErrTooLarge
	}
	beside := w.settleWishes()
	w.settleCounts()
	plan := w.plan()
	plan.tasksBeside = beside
	return plan, nil
}

func rootType(op Operation) string {
	switch op.Definition.Operation {
	case ast.Mutation:
		return op.Schema.Mutation.Name
	case ast.Subscription:
		return op.Schema.Subscription.Name
	case ast.Query:
	}
	return op.Schema.Query.Name
}

// walk is one planning.
type walk struct {
	op     Operation
	opts   Options
	rules  map[string]rule
	visits int
	steps  map[stepKey]*step
	// wishes and counts are settled last, when it is known which lists are asked for anyway.
	wishes    []*wish
	counts    []string // paths that want the size of the portfolio
	slice     *portfolioSlice
	timelines bool // there are some
	// listAskers are who asks for each list of tasks: a path, or the wishes for the same customers.
	listAskers map[proportal.TaskStatus]map[string]struct{}
}

// stepKey tells calls apart: the same operation about the same thing is one call however
// many paths lead to it.
type stepKey struct {
	call  upstream.Call
	about string
}

type step struct {
	round int
	max   int
	paths map[string]struct{}
}

// objects are what a path of the response stands for: objects of one type, or of those
// of an abstract type, over all lists on the way.
type objects struct {
	typeName string
	max      int    // at most so many
	id       string // identifies the set: the same arguments bring the same objects
	round    int    // the round that brings them; 0 when the arguments alone do
	// idRound is the round that brings their ids; what leads on by id alone need not
	// wait for more. It is lower than round only for objects named by an argument.
	idRound int
	// delay is how many rounds later something led back to them than they were met first.
	delay int
	// knows is what is known of customers.
	knows need
	// owners are the customers whose tasks or projects these are, if that is known.
	owners *objects
	// projects are the projects that these are parts of, if that is known.
	projects *objects
	// areWhole says that all actions and payments of these projects are read anyway.
	areWhole bool
	// items are what the objects of an abstract type are.
	items []objects
}

// ledBackFrom returns objects that were met before, as from leads back to them: what leads on from
// there waits until that is there.
func (o objects) ledBackFrom(from objects) objects {
	later := max(o.idRound, from.round)
	o.delay += later - o.idRound
	o.round, o.idRound = max(o.round, later), later
	return o
}

// rule plans a field of parents and returns the objects it leads to.
type rule func(w *walk, s *selection, parents objects, path string) objects

// objects plans everything that is selected of objects.
func (w *walk) objects(of objects, sets []ast.SelectionSet, path string) {
	if len(of.items) > 0 {
		for _, item := range of.items {
			w.objects(item, sets, path)
		}
		return
	}
	for _, s := range w.collect(of.typeName, sets) {
		if w.visits > maxVisits {
			return
		}
		if len(s.below) == 0 || s.isRefused() {
			continue
		}
		at := join(path, s.alias)
		w.objects(w.field(s, of, at), s.below, at)
	}
}

// field plans one field. A field without a rule costs nothing: it came with its parents.
func (w *walk) field(s *selection, parents objects, path string) objects {
	if rule, ok := w.rules[parents.typeName+"."+s.field.Name]; ok {
		return rule(w, s, parents, path)
	}
	child := parents
	if definition := s.field.Definition; definition != nil {
		child.typeName = definition.Type.Name()
	}
	return child
}

// call adds at most n calls to a round, and returns in which they are made. The same call in an
// earlier round, or for another path, is not made again.
func (w *walk) call(call upstream.Call, about string, round, n int, path string) (made int) {
	if n <= 0 {
		return round
	}
	key := stepKey{call: call, about: about}
	known, ok := w.steps[key]
	if !ok {
		known = &step{round: round, paths: map[string]struct{}{}}
		w.steps[key] = known
	}
	known.round = min(known.round, round)
	known.max = max(known.max, n)
	known.paths[path] = struct{}{}
	return known.round
}

// unbounded is how many elements n lists without a page size are taken to have together.
func (w *walk) unbounded(n int) int {
	return add(w.opts.Unbounded, times(max(n-1, 0), w.opts.Average))
}

// plan sorts the steps into rounds. Steps of one operation that serve the same paths are
// one: the three lists of tasks by status, say.
func (w *walk) plan() *Plan {
	type merged struct {
		round int
		call  upstream.Call
		paths string
	}
	sums := map[merged]*Step{}
	last := 0
	for key, each := range w.steps {
		paths := slices.Sorted(maps.Keys(each.paths))
		into := merged{round: each.round, call: key.call, paths: strings.Join(paths, " ")}
		if sums[into] == nil {
			sums[into] = &Step{Call: key.call, Paths: paths}
		}
		sums[into].Max = add(sums[into].Max, each.max)
		last = max(last, each.round)
	}
	rounds := make([]Round, last)
	for key, sum := range sums {
		round := &rounds[key.round-1]
		round.Steps = append(round.Steps, *sum)
	}
	for _, round := range rounds {
		slices.SortFunc(round.Steps, func(a, b Step) int {
			return cmp.Or(
				cmp.Compare(a.Call.Service, b.Call.Service),
				cmp.Compare(a.Call.Operation, b.Call.Operation),
				slices.Compare(a.Paths, b.Paths),
			)
		})
	}
	plan := &Plan{Rounds: slices.DeleteFunc(rounds, func(r Round) bool { return len(r.Steps) == 0 })}
	for _, status := range tasksWithStatus("") {
		if len(w.listAskers[status]) > 1 {
			plan.shared = append(plan.shared, status)
		}
	}
	plan.slice = w.slice
	w.hintProjects(plan)
	return plan
}

// hintProjects finds out what the loaders should know of the ways to projects.
func (w *walk) hintProjects(plan *Plan) {
	filters, listed, reached := 0, 0, math.MaxInt
	for key, step := range w.steps {
		switch {
		case key.call == solos.GetProjectCall && step.round > 1:
			reached = min(reached, step.round)
		case key.call == solos.ListProjectsCall:
			listed = max(listed, step.round)
		case key.call == solos.FilterProjectsCall:
			filters++
			listed = max(listed, step.round+step.max-1) // pages of one filter follow each other
		}
	}
	plan.filtersTwice = filters > 1
	plan.timelines = w.timelines
	plan.listsProjectsFirst = !w.op.Defers && listed > 0 && listed < reached && reached < math.MaxInt
}

func join(path, alias string) string {
	if path == "" {
		return alias
	}
	return path + "." + alias
}
