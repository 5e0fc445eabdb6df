package upstream

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"crmgraph/upstream/jsonread"
)

// Credentials give the header of requests and can get another one where that is refused.
// They are safe for concurrent use.
type Credentials interface {
	// Header returns the header to send.
	Header(ctx context.Context) (*Header, error)
	// Current returns without a wait the header to send by now, which may be a newer one than
	// Header has returned; nil where the last one was refused and there is none yet.
	Current() *Header
	// Renew returns the header to send instead of one that was refused as Unauthenticated.
	Renew(ctx context.Context, refused *Header) (*Header, error)
}

// asking is a request and how often it was sent.
type asking struct {
	Request

	attempts atomic.Int32
}

// sending is a request with the header that it is sent with. It is an Attempt.
type sending struct {
	caller *Caller
	req    *asking
	header atomic.Pointer[Header] // of the request's Credentials, if it has any
	whole  bool                   // the header of the answer is wanted too
}

// with returns the same request with another header.
func (s *sending) with(header *Header) *sending {
	other := &sending{caller: s.caller, req: s.req, whole: s.whole}
	other.header.Store(header)
	return other
}

// ask sends the request as often as the caller's policy has it, with another header where
// the first is refused and there are Credentials.
func (s *sending) ask(ctx context.Context) (*Body, error) {
	if s.req.Credentials == nil {
		return s.try(ctx)
	}
	return s.askAs(ctx, s.req.Credentials)
}

// maxRenewals is how often another header is asked for. The first may be one that another gateway
// has got, and that has been refused as well since.
const maxRenewals = 2

// askAs is ask with the header that credentials give.
func (s *sending) askAs(ctx context.Context, credentials Credentials) (*Body, error) {
	header, err := credentials.Header(ctx)
	if err != nil {
		return nil, asError(ctx, s.req.Call, err)
	}
	asked := s.with(header)
	body, err := asked.try(ctx)
	for range maxRenewals {
		if !errors.Is(err, Unauthenticated) {
			return body, err
		}
		if header, err = credentials.Renew(ctx, asked.header.Load()); err != nil {
			return nil, asError(ctx, s.req.Call, err)
		}
		asked = s.with(header)
		body, err = asked.try(ctx)
	}
	if failure := (*Error)(nil); errors.As(err, &failure) && failure.Kind == Unauthenticated {
		// It is the gateway that is refused, and not whoever asks it.
		again := *failure
		again.Kind = Rejected
		return nil, &again
	}
	return body, err
}

func (s *sending) try(ctx context.Context) (*Body, error) {
	if s.caller.policy == nil {
		return s.Send(ctx)
	}
	return s.caller.policy.Do(ctx, s)
}

// Call is part of Attempt.
func (s *sending) Call() *Call { return s.req.Call }

// Scope is part of Attempt.
func (s *sending) Scope() string { return s.req.Scope }

// Timeout is part of Attempt, and of Question.
func (s *sending) Timeout() time.Duration { return s.caller.timeout }

// Send is part of Attempt.
func (s *sending) Send(ctx context.Context) (*Body, error) {
	header, ok := s.current()
	if !ok {
		return nil, &Error{Call: *s.req.Call, Kind: Unauthenticated}
	}
	s.req.attempts.Add(1)
	body := newBody()
	if err := s.caller.receive(ctx, &s.req.Request, header, body, s.whole); err != nil {
		body.Release()
		return nil, err
	}
	return body, nil
}

// current returns the header to send, or that there is none: an attempt may have waited for
// so long that the token of its header is known to be refused.
func (s *sending) current() (*Header, bool) {
	if s.req.Credentials == nil {
		return s.req.Header, true
	}
	header := s.req.Credentials.Current()
	if header != nil {
		s.header.Store(header)
	}
	return header, header != nil
}

// asked is a Question that knows its call.
type asked interface {
	Question
	Call() *Call
	attempts() int // how often the question was sent itself
}

// question is a request and how its answer is read.
type question[T any] struct {
	sending
	asking  asking
	key     Key
	read    func(*jsonread.Decoder) (T, error)
	decoder jsonread.Decoder // of one answer after another
}

func newQuestion[T any](c *Caller, req *Request, read func(*jsonread.Decoder) (T, error)) *question[T] {
	q := new(question[T])
	q.asking.Request = *req
	q.caller, q.req, q.read = c, &q.asking, read
	q.key = Key{
		Service:   req.Call.Service,
		Operation: req.Call.Operation,
		Scope:     req.Scope,
		ID:        req.ID,
		Query:     req.Query,
		Body:      string(req.Body),
	}
	return q
}

// Key is part of Question.
func (q *question[T]) Key() *Key { return &q.key }

// Credential is part of Question.
func (q *question[T]) Credential() string { return q.req.Credential }

func (q *question[T]) attempts() int { return int(q.req.attempts.Load()) }

// Ask is part of Question.
func (q *question[T]) Ask(ctx context.Context) (*Body, error) { return q.ask(ctx) }

// Read is part of Question.
func (q *question[T]) Read(body []byte) (any, time.Duration, error) {
	value, err := readAll(&q.decoder, q.req.Call, http.StatusOK, body, q.read)
	if err == nil && q.req.Lasts != nil {
		return value, *q.req.Lasts, nil
	}
	return value, 0, err
}
