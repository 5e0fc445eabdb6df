package executor

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// DefaultMaxObjects is how many elements of lists an answer may have unless chosen otherwise.
const DefaultMaxObjects = 50_000

// maxAnswer bounds the bytes of one answer, since objects may be large.
const maxAnswer = 32 << 20

// TooLargeError is the error of an operation whose answer has more elements, or more bytes,
// than one may. Fields that lead back cost no calls, so that neither the limit on these nor that
// on the document bounds how lists multiply.
type TooLargeError struct{ Limit int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("The answer would be too large: its lists may have %d elements in all. Ask for smaller pages or fewer lists in each other.", e.Limit)
}

// GraphQL returns the error as clients see it.
func (e *TooLargeError) GraphQL() *gqlerror.Error {
	return &gqlerror.Error{Err: e, Message: e.Error(), Extensions: map[string]any{"code": "RESULT_TOO_LARGE", "limit": e.Limit}}
}

// size counts the elements of an answer's lists. It is safe for concurrent use.
type size struct {
	limit int64
	count atomic.Int64
}

// add reports whether n more elements are still within the limit.
func (s *size) add(n int) bool { return s.count.Add(int64(n)) <= s.limit }

// stop has all that comes be too much.
func (s *size) stop() { s.count.Store(s.limit + 1) }

func (s *size) exceeded() bool { return s.count.Load() > s.limit }

func (s *size) err() error { return &TooLargeError{Limit: int(s.limit)} }

// bound has gqlgen's executor, too, give no more elements than limit: a list beyond it fails.
func bound(op *graphql.OperationContext, limit int) {
	counted := &size{limit: int64(limit)}
	inner := op.ResolverMiddleware
	op.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := inner(ctx, next)
		if list := reflect.ValueOf(value); err == nil && list.Kind() == reflect.Slice && !counted.add(list.Len()) {
			return nil, counted.err()
		}
		return value, err
	}
}
