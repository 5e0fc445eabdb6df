package callcontext

import "context"

// Turn is what a job holds that shares its goroutine with others; see package crew.
type Turn = interface {
	// Yield lets the others go on until the answer may have come, whose request is out.
	Yield(answer Answer)
	// Wait lets the others go on as far as they get, until an answer may have come that somebody
	// else waits for, perhaps one of them.
	Wait(answer Answer)
	// Block has another goroutine go on with them: their holder is about to wait for something else.
	Block()
}

// Answer is what somebody waits for.
type Answer = interface {
	// Ready reports whether some of it has come. It is not called after Yield or Wait has returned.
	Ready() bool
}

// TurnKey is the key of the Turn in a context. Its holder may be in one goroutine only, so another
// is given a context Apart.
type TurnKey struct{}

// Yield lets those go on who take turns with whoever has ctx, if anybody does. It is called
// between a request and its answer.
func Yield(ctx context.Context, answer Answer) {
	if turn, ok := ctx.Value(TurnKey{}).(Turn); ok {
		turn.Yield(answer)
	}
}

// Wait lets those go on who take turns with whoever has ctx, if anybody does. It is called before
// waiting for what comes of somebody else's request.
func Wait(ctx context.Context, answer Answer) {
	if turn, ok := ctx.Value(TurnKey{}).(Turn); ok {
		turn.Wait(answer)
	}
}

// Block tells those who take turns with whoever has ctx, if anybody does, that it is about to
// wait. They would learn it a moment later.
func Block(ctx context.Context) {
	if turn, ok := ctx.Value(TurnKey{}).(Turn); ok {
		turn.Block()
	}
}

// WithTurn returns a context whose Turn is turn, which may be nil for none.
func WithTurn(ctx context.Context, turn Turn) context.Context {
	return &turned{Context: ctx, turn: turn}
}

// Apart returns a context without a Turn, for another goroutine.
func Apart(ctx context.Context) context.Context { return WithTurn(ctx, nil) }

type turned struct {
	context.Context

	turn Turn
}

// Value is part of context.Context.
func (t *turned) Value(key any) any {
	if key == any(TurnKey{}) {
		return t.turn
	}
	return t.Context.Value(key)
}
