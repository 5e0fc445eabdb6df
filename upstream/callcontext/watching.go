package callcontext

import "context"

// Watching is the watch of a context by one Watcher.
type Watching struct {
	ctx    watchable // nil for a context of another package
	number int       // of the place among its watchers
	stop   func() bool
}

// watchable is a context of this package.
type watchable interface {
	context.Context
	Watch(watcher Watcher) (number int)
	Unwatch(number int) (inTime bool)
}

// Watch has watcher told when ctx ends, unless Stop comes before. It takes no further object for
// a context of this package, nor for one that only adds values to such a context.
func Watch(ctx context.Context, watcher Watcher) Watching {
	if w := watchableOf(ctx); w != nil {
		return Watching{ctx: w, number: w.Watch(watcher)}
	}
	return Watching{stop: context.AfterFunc(ctx, watcher.ContextEnded)}
}

// Stop ends the watch. It reports false if the watcher was told of the end, or is being told. It
// is to be called once.
func (w *Watching) Stop() (inTime bool) {
	stopped := *w
	*w = Watching{}
	if stopped.ctx != nil {
		return stopped.ctx.Unwatch(stopped.number)
	}
	return stopped.stop()
}

// selfKey is what a context of this package has itself as the value of.
type selfKey struct{}

// watchableOf returns the context of this package that ctx ends with, nil if there is none.
func watchableOf(ctx context.Context) watchable {
	if w, ok := ctx.(watchable); ok {
		return w
	}
	// Package context knows its own in the same way.
	if w, ok := ctx.Value(selfKey{}).(watchable); ok && w.Done() == ctx.Done() {
		return w
	}
	return nil
}
