package loader

import (
	"errors"
	"sync/atomic"

	"crmgraph/graph/plan"
	"crmgraph/upstream"
)

// Installation is what the loaders of all operations know of the two CRMs. It holds
// nothing of any viewer and is safe for concurrent use.
//
// Which of ProPortal's endpoints that the reference does not document exist is learned
// from their answers: a 404 of one that has answered before is an object that does not
// exist, and of any other it may be an endpoint that does not.
type Installation struct {
	// CustomerField is the dynamic field of solOS's projects that holds the customer's number.
	CustomerField string

	cards         feature
	customerTasks feature
	tasks         feature
	perPage       ignored
}

// Known returns what plans may take for granted of the installation.
func (i *Installation) Known() plan.Installation {
	return plan.Installation{
		Cards:         i.cards.works.Load(),
		Tasks:         i.tasks.works.Load(),
		CustomerTasks: i.customerTasks.works.Load(),
		SmallPages:    i.perPage.seen.Load(),
	}
}

// feature is whether an endpoint has been seen to work.
type feature struct{ works atomic.Bool }

// saw takes note of the outcome of a call to the endpoint.
func (f *feature) saw(err error) {
	if err == nil && !f.works.Load() {
		f.works.Store(true)
	}
}

// mayBeMissing reports whether err may mean that the endpoint does not exist.
func (f *feature) mayBeMissing(err error) bool {
	return errors.Is(err, upstream.NotFound) && !f.works.Load()
}

// ignored is whether the installation has been seen to ignore a parameter.
type ignored struct{ seen atomic.Bool }
