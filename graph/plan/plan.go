// Package plan tells, from an operation and its variables alone, which calls of the two
// CRMs it will make: which operations, in which dependent round, and how many of each at
// most. A plan runs nothing and knows no viewer.
package plan

import (
	"cmp"
	"slices"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// Plan is what an operation asks of the CRMs. It is a plain value.
type Plan struct {
	// Rounds are in the order in which they can start: the calls of a round need nothing
	// but what the rounds before it brought, and all leave at once.
	Rounds []Round

	shared             []proportal.TaskStatus
	tasksBeside        map[proportal.TaskStatus]TasksBeside
	slice              *portfolioSlice // nil for none
	filtersTwice       bool
	listsProjectsFirst bool
	timelines          bool
}

// Round is what can be asked for at the same time.
type Round struct {
	Steps []Step
}

// Step is one upstream operation in a round.
type Step struct {
	Call upstream.Call
	// Max is how many calls it takes at most.
	Max int
	// Paths are the response paths it serves, without list indexes, sorted.
	Paths []string
}

// Cost counts calls by CRM.
type Cost struct {
	ProPortal int
	Solos     int
}

// Total returns the calls of both CRMs.
func (c Cost) Total() int { return add(c.ProPortal, c.Solos) }

// Plus returns the cost of both.
func (c Cost) Plus(other Cost) Cost {
	return Cost{ProPortal: add(c.ProPortal, other.ProPortal), Solos: add(c.Solos, other.Solos)}
}

// Add counts n more calls of a CRM.
func (c *Cost) Add(service upstream.Service, n int) {
	switch service {
	case upstream.ProPortal:
		c.ProPortal = add(c.ProPortal, n)
	case upstream.Solos:
		c.Solos = add(c.Solos, n)
	}
}

// Cost returns how many calls the plan takes at most.
func (p *Plan) Cost() Cost {
	var cost Cost
	for _, round := range p.Rounds {
		for _, step := range round.Steps {
			cost.Add(step.Call.Service, step.Max)
		}
	}
	return cost
}

// SharedTaskLists returns the statuses whose list of tasks serves several paths, which are not
// all about the same customers. It is asked for anyway, so no path should ask for fewer
// customers' tasks by themselves.
func (p *Plan) SharedTaskLists() []proportal.TaskStatus { return p.shared }

// TasksBeside returns what is wanted of customers at once of whom tasks of a status are.
func (p *Plan) TasksBeside(status proportal.TaskStatus) TasksBeside { return p.tasksBeside[status] }

// TasksBeside is which tasks are wanted of the same customers at once.
type TasksBeside struct {
	Statuses []proportal.TaskStatus // sorted
	Last     bool                   // and the last task, where the rows of the customers do not tell it
}

func (b TasksBeside) with(one *wish) TasksBeside {
	if one.last {
		b.Last = true
		return b
	}
	b.Statuses = slices.Concat(b.Statuses, tasksWithStatus(one.status))
	slices.Sort(b.Statuses)
	b.Statuses = slices.Compact(b.Statuses)
	return b
}

// all returns the statuses where no row tells a last task.
func (b TasksBeside) all() []proportal.TaskStatus {
	if b.Last {
		return tasksWithStatus("")
	}
	return slices.Clone(b.Statuses)
}

// PortfolioSlice returns a slice of the whole portfolio that is read anyway, so that its size
// need not be asked for; !ok if there is none.
func (p *Plan) PortfolioSlice() (offset, limit int, ok bool) {
	if p.slice == nil {
		return 0, 0, false
	}
	return p.slice.offset, p.slice.limit, true
}

// FiltersTwice reports whether projects are filtered for several fields. Reading one
// customer's in large pages lets fields that ask for the same share the call.
func (p *Plan) FiltersTwice() bool { return p.filtersTwice }

// ReadsTimelines reports whether all actions and payments of projects are read for timelines.
// Pages of the same projects' actions and payments can share these calls.
func (p *Plan) ReadsTimelines() bool { return p.timelines }

// ListsProjectsFirst reports whether projects are listed, and all lists of them are there
// before any project is asked for that something else leads to. Where parts of the answer are
// deferred it is false: the first of them is not to wait for a list.
func (p *Plan) ListsProjectsFirst() bool { return p.listsProjectsFirst }

// PathCost is what one response path costs.
type PathCost struct {
	Path  string
	Calls int
}

// Costliest returns the n paths that cost most calls, the costliest first. A step that
// serves several paths counts for the first of them.
func (p *Plan) Costliest(n int) []PathCost {
	calls := map[string]int{}
	for _, round := range p.Rounds {
		for _, step := range round.Steps {
			calls[step.Paths[0]] = add(calls[step.Paths[0]], step.Max)
		}
	}
	costs := make([]PathCost, 0, len(calls))
	for path, count := range calls {
		costs = append(costs, PathCost{Path: path, Calls: count})
	}
	slices.SortFunc(costs, func(a, b PathCost) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Path, b.Path))
	})
	return costs[:min(n, len(costs))]
}

// most is where counts stop growing: far above any limit, far below overflow.
const most = 1 << 30

func add(a, b int) int { return min(a+b, most) }

func times(a, b int) int {
	if a > 0 && b > most/a {
		return most
	}
	return a * b
}
