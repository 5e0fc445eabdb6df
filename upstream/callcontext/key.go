package callcontext

import "context"

// KeyOf returns the key, which may be another package's own, of the last value that ask asks a
// context for.
func KeyOf(ask func(ctx context.Context)) any {
	var asked probe
	ask(&asked)
	return asked.key
}

// probe is a context that has ended, and remembers which value it was asked for.
type probe struct {
	context.Context

	key any
}

// Value is part of context.Context.
func (p *probe) Value(key any) any {
	p.key = key
	return nil
}

// Err is part of context.Context.
func (p *probe) Err() error { return context.Canceled }
