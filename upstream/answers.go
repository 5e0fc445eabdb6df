package upstream

import (
	"context"
	"time"
)

// Key says what is asked for and who may see the answer: answers to equal keys stand for
// each other.
type Key struct {
	Service   Service
	Operation string
	Scope     string // who may see the answer: a viewer or a company; "" for nobody else
	ID        string
	Query     string
	Body      string
}

// Question is a call whose answer may be kept, and shared with whoever asks the same.
type Question interface {
	// Key says what is asked; its Scope is not empty. Nobody may change it.
	Key() *Key
	// Credential is what the call would be made with. Those who ask the same for the same
	// viewer may do so with different tokens.
	Credential() string
	// Timeout is how long the call may take with all its attempts.
	Timeout() time.Duration
	// Ask makes the call, for as long as ctx lets it: who asks keeps to Timeout. The caller
	// releases the body. Every error is an *Error.
	Ask(ctx context.Context) (*Body, error)
	// Read returns the value in the body of an answer, of which it keeps nothing, and for how
	// long the same body will have the same value; 0 for ever. Nobody may change the value.
	// Every error is an *Error.
	Read(body []byte) (value any, lasts time.Duration, err error)
}

// Answers keeps the answers to questions and sees to it that equal questions under way are
// asked once. It is safe for concurrent use.
type Answers interface {
	// Kept returns an answer out of memory, if there is one that may be served. An error is
	// an answer too: that the CRM has no such object.
	Kept(ctx context.Context, question Question, terms Terms) (answer Answer, err error, ok bool)
	// Get returns an answer for which the CRM is asked, unless somebody else asks already or
	// has a newer answer. It waits no longer than the deadline of ctx; when ctx is canceled, it may
	// go on with a call that others wait for, too.
	Get(ctx context.Context, question Question, terms Terms) (Answer, error)
}

// Answer is what an upstream call found, and how fresh that is.
type Answer struct {
	Value     any
	Freshness Freshness
	Status    int  // HTTP status of the call that was made, else 0
	Bytes     int  // of its body
	Shared    bool // no call was made for this question: another's answer served
}

// Freshness says how old an answer is.
type Freshness struct {
	State State
	Age   time.Duration // since the CRM gave the answer
	Left  time.Duration // for which it stays fresh; 0 when it is stale or may not be kept
}

// State is how an answer came to be served.
type State string

// The states of answers.
const (
	Fresh        State = "fresh"          // within its time to live, or just given
	Revalidated  State = "revalidated"    // asked for again, as the kept one was too old
	Stale        State = "stale"          // past its time to live; a new one is on its way, if it may be asked for
	StaleOnError State = "stale-on-error" // past its time to live, and the CRM does not answer
)

// Terms are how fresh answers an operation wants. The zero value leaves it to the
// configuration. They mean what the directives of Cache-Control in a request mean.
type Terms struct {
	NoCache      bool           // nothing kept will do
	NoStore      bool           // nothing kept will do, and the answer is not kept
	OnlyIfCached bool           // what is not kept is not asked for
	MaxAge       *time.Duration // no older than this
	MaxStale     *time.Duration // up to so much past its time to live
}

// Attempt is a call that may be sent more than once.
type Attempt interface {
	Call() *Call
	// Scope is whose quota the call counts against; see Key.
	Scope() string
	// Timeout is how long the call may take with all its attempts. Whoever waits for it may
	// have less time.
	Timeout() time.Duration
	// Send sends the request once and reads the answer. It is safe for concurrent use. The
	// caller releases the body. Every error is an *Error.
	Send(ctx context.Context) (*Body, error)
}

// Policy decides when, how often and for how long a call is sent. It is safe for
// concurrent use.
type Policy interface {
	// Do sends attempt until it succeeds or there is no point in going on. The caller
	// releases the body. Every error is an *Error.
	Do(ctx context.Context, attempt Attempt) (*Body, error)
}
