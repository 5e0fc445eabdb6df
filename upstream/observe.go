package upstream

import "context"

// Observer is told of every call that is made with a context it was put into. Its
// methods are called from many goroutines at once.
type Observer interface {
	// Start is told that call is about to be sent. An error refuses the call, which then
	// ends in that error; otherwise Ended is called once, when the call is over.
	Start(ctx context.Context, call Call) (ObservedCall, *Error)
}

// ObservedCall is a call that an Observer watches.
type ObservedCall interface {
	Ended(outcome Outcome)
}

// Outcome is how a call went.
type Outcome struct {
	Status int // HTTP status, 0 when there was no answer
	Bytes  int // of the answer's body, decompressed
	Err    error
}

type observerKey struct{}

// WithObserver returns a context whose calls observer is told of.
func WithObserver(ctx context.Context, observer Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, observer)
}

func observerFrom(ctx context.Context) Observer {
	observer, _ := ctx.Value(observerKey{}).(Observer)
	return observer
}
