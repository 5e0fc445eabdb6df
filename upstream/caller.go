package upstream

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"crmgraph/upstream/jsonread"
)

// Defaults of CallerOptions.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMaxBody = 16 << 20
)

// CallerOptions are the settings of a Caller; the zero value means the defaults.
type CallerOptions struct {
	Transport http.RoundTripper // nil: http.DefaultTransport
	Timeout   time.Duration     // deadline of each call with all its attempts, DefaultTimeout when 0
	MaxBody   int64             // bytes of a decompressed answer, DefaultMaxBody when 0
	Large     *LargeAnswers     // nil: any number of large answers may be in memory
	Policy    Policy            // nil: each call is sent once
	Answers   Answers           // nil: no answer is kept or shared
}

// Caller sends the calls of one client and settles everything that can go wrong
// before an answer is read: every error it returns is an *Error. It is safe for
// concurrent use.
type Caller struct {
	base      *url.URL // its path ends in a slash
	path      string   // of base, escaped
	transport http.RoundTripper
	short     Exchanger // transport, where it is one; else nil
	timeout   time.Duration
	maxBody   int64
	large     *LargeAnswers
	policy    Policy
	answers   Answers
}

// NewCaller returns a Caller for the absolute http or https URL base; the paths of
// calls are relative to it.
func NewCaller(base string, opts CallerOptions) (*Caller, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, errors.New("the base URL must be an absolute http or https URL")
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errors.New("the base URL must have no user, query or fragment")
	}
	if opts.Timeout < 0 || opts.MaxBody < 0 {
		return nil, errors.New("timeout and body limit must not be negative")
	}
	c := &Caller{
		base:      parsed.JoinPath("/"),
		transport: opts.Transport,
		timeout:   opts.Timeout,
		maxBody:   opts.MaxBody,
		large:     opts.Large,
		policy:    opts.Policy,
		answers:   opts.Answers,
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.maxBody == 0 {
		c.maxBody = DefaultMaxBody
	}
	if c.transport == nil {
		c.transport = http.DefaultTransport
	}
	c.path = c.base.EscapedPath()
	c.short, _ = c.transport.(Exchanger)
	return c, nil
}

// Request is one sending of a Call.
type Request struct {
	Call   *Call
	ID     string  // of the object that the call names, which {id} in its path stands for
	Query  string  // encoded query, without the question mark
	Header *Header // nil for none of the client's own
	Body   []byte  // JSON; nil for none

	// Scope is who may see the answer, a viewer or a company: it is shared with nobody else,
	// and with nobody at all and not kept where the Scope is empty.
	Scope string
	// Credential is what Header identifies the caller with; it tells apart those with one Scope.
	Credential string
	// Credentials, if there are any, give the header instead, and another one where a first
	// is refused.
	Credentials Credentials

	// Lasts, if it is not nil, is where read notes for how long the same answer would say what
	// read has made of it; 0 for ever.
	Lasts *time.Duration

	// Classify decides the Kind of an answer whose status is not 2xx, given the first
	// bytes of its body; nil means KindOfStatus.
	Classify func(status int, body []byte) Kind
}

// Get returns the answer to req, read by read: one that is kept or under way where the
// Caller keeps answers and req has a Scope, else one that req is sent for. The decoder and
// its bytes are only valid until read returns. A *FieldError or any other error of read
// makes the call Malformed, a Kind makes it that Kind. Nobody may change a value that is kept.
func Get[T any](ctx context.Context, c *Caller, req *Request, read func(*jsonread.Decoder) (T, error)) (T, error) {
	op := operationFrom(ctx)
	if c.answers == nil || req.Scope == "" || !req.Call.Reads() {
		return getUnshared(ctx, c, op, req, read)
	}
	answer, err := c.answer(ctx, op, newQuestion(c, req, read))
	if err != nil {
		var none T
		return none, err
	}
	return answer.(T), nil
}

// getUnshared is Get for an answer that is neither kept nor anybody else's.
func getUnshared[T any](ctx context.Context, c *Caller, op *Operation, req *Request, read func(*jsonread.Decoder) (T, error)) (value T, err error) {
	err = c.observe(ctx, op, &sending{caller: c, req: &asking{Request: *req}}, func(body *Body) (err error) {
		defer body.Release()
		value, err = Read(req.Call, body, read)
		return err
	})
	if err == nil {
		op.answered(req.Call, Freshness{State: Fresh})
	}
	return value, err
}

// observe makes a call that belongs to nobody else, and has its answer taken by take, which may
// keep the body.
func (c *Caller) observe(ctx context.Context, op *Operation, s *sending, take func(*Body) error) error {
	call := s.Call()
	if op.Terms.OnlyIfCached {
		return &Error{Call: *call, Kind: NotCached}
	}
	observed, refused := op.start(ctx, call)
	if refused != nil {
		return refused
	}
	var outcome Outcome
	body, err := c.ask(ctx, s)
	if err == nil {
		outcome.Status, outcome.Bytes = body.Status, len(body.Bytes())
		err = take(body)
	} else {
		outcome.Status = statusOf(err)
	}
	outcome.Attempts, outcome.Err = int(s.req.attempts.Load()), err
	observed.Ended(outcome)
	return err
}

// answer returns the answer to a question out of memory or, as a call that is observed,
// from the CRM.
func (c *Caller) answer(ctx context.Context, op *Operation, q asked) (any, error) {
	call := q.Call()
	answer, err, ok := c.answers.Kept(ctx, q, op.Terms)
	if !ok {
		if op.Terms.OnlyIfCached {
			return nil, &Error{Call: *call, Kind: NotCached}
		}
		observed, refused := op.start(ctx, call)
		if refused != nil {
			return nil, refused
		}
		answer, err = c.answers.Get(ctx, q, op.Terms)
		outcome := Outcome{Status: answer.Status, Bytes: answer.Bytes, Shared: answer.Shared, Attempts: q.attempts(), Err: err}
		if err != nil {
			outcome.Status = statusOf(err)
		}
		observed.Ended(outcome)
	}
	if err != nil {
		return nil, err
	}
	op.answered(call, answer.Freshness)
	return answer.Value, nil
}

func statusOf(err error) int {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Status
	}
	return 0
}

// Ask sends req, as often as the Caller's policy has it, and returns the body of the
// answer, which the caller releases. Every error is an *Error.
func (c *Caller) Ask(ctx context.Context, req *Request) (body *Body, err error) {
	s := &sending{caller: c, req: &asking{Request: *req}, whole: true}
	err = c.observe(ctx, operationFrom(ctx), s, func(answer *Body) error {
		body = answer
		return nil
	})
	return body, err
}

func (c *Caller) ask(ctx context.Context, s *sending) (*Body, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return s.ask(ctx)
}

// asError makes err one of call's.
func asError(ctx context.Context, call *Call, err error) error {
	var failure *Error
	if errors.As(err, &failure) {
		return failure
	}
	return transportError(ctx, call, err)
}
