package upstream

import "context"

// Operation is what one operation of a client wants of all its calls.
type Operation struct {
	Observer Observer // nil for none
	Terms    Terms    // how fresh answers have to be
}

// Observer is told of every call that is made for an operation. Its methods are called
// from many goroutines at once.
type Observer interface {
	// Start is told that call is about to be made. An error refuses the call, which then
	// ends in that error; otherwise Ended is called once, when the call is over.
	Start(ctx context.Context, call *Call) (ObservedCall, *Error)
	// Answered is told of every answer that is used, kept ones too.
	Answered(call *Call, freshness Freshness)
}

// ObservedCall is a call that an Observer watches.
type ObservedCall interface {
	Ended(outcome Outcome)
}

// Outcome is how a call went.
type Outcome struct {
	Status   int  // HTTP status, 0 when there was no answer
	Bytes    int  // of the answer's body, decompressed
	Attempts int  // how often it was sent
	Shared   bool // nothing was sent after all: another's answer served
	Err      error
}

type operationKey struct{}

// WithOperation returns a context whose calls are made for op.
func WithOperation(ctx context.Context, op *Operation) context.Context {
	return context.WithValue(ctx, operationKey{}, op)
}

// noOperation is what calls are made for that belong to no operation.
var noOperation = &Operation{}

func operationFrom(ctx context.Context) *Operation {
	if op, ok := ctx.Value(operationKey{}).(*Operation); ok {
		return op
	}
	return noOperation
}

func (o *Operation) start(ctx context.Context, call *Call) (ObservedCall, *Error) {
	if o.Observer == nil {
		return unobserved{}, nil
	}
	return o.Observer.Start(ctx, call)
}

func (o *Operation) answered(call *Call, freshness Freshness) {
	if o.Observer != nil {
		o.Observer.Answered(call, freshness)
	}
}

// unobserved is a call that nobody watches.
type unobserved struct{}

// Ended is part of ObservedCall.
func (unobserved) Ended(Outcome) {}
