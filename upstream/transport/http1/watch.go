package http1

import "context"

// watcher is told of the end of a context.
type watcher = interface{ ContextEnded() }

// watchable is a context that is watched without the objects that context.AfterFunc takes.
type watchable interface {
	context.Context
	Watch(w watcher) (place int)
	Unwatch(place int) (inTime bool)
}

// watch is one watch of a context after the other.
type watch struct {
	ctx   watchable // nil for any other context
	place int
	other func() bool // ends the watch of that
}

// start has w told when ctx ends, unless stop comes before.
func (s *watch) start(ctx context.Context, w watcher) {
	if c, ok := ctx.(watchable); ok {
		*s = watch{ctx: c, place: c.Watch(w)}
	} else {
		*s = watch{other: context.AfterFunc(ctx, w.ContextEnded)}
	}
}

// stop ends the watch. It reports false if w was told of the end, or is being told.
func (s *watch) stop() bool {
	stopped := *s
	*s = watch{}
	if stopped.ctx != nil {
		return stopped.ctx.Unwatch(stopped.place)
	}
	return stopped.other()
}
