package executor

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// DefaultMaxObjects is how many objects an answer may have unless chosen otherwise.
const DefaultMaxObjects = 25_000

// maxAnswer bounds the bytes of an answer, which need not have many objects for that.
const maxAnswer = 4 << 20

// TooLargeError is the error of an operation whose answer has more objects, or more bytes, than
// one may. Fields that lead back cost no calls, so that neither the limit on these nor that on
// the document bounds how lists multiply.
type TooLargeError struct {
	Limit   int
	counted string // what there may be no more of
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("The answer would be too large: there may be %d %s for one request. Ask for smaller pages, or for fewer lists in each other.", e.Limit, e.counted)
}

// GraphQL returns the error as clients see it.
func (e *TooLargeError) GraphQL() *gqlerror.Error {
	return &gqlerror.Error{Err: e, Message: e.Error(), Extensions: map[string]any{"code": "RESULT_TOO_LARGE", "limit": e.Limit}}
}

// counts is what is counted of answers.
type counts struct {
	// count is the number of objects: elements of lists, and what is kept of each object until
	// the answer is written, for each of its fields that resolvers are behind.
	count atomic.Int64
	// returned is the number of elements that resolvers have returned, which will be in count.
	returned atomic.Int64
	bytes    atomic.Int64
}

// SharedSize has the answers to several operations be no larger together than one may be.
// What an answer has taken stays taken when it turns out to be too large: the work is done.
type SharedSize struct{ counts }

type sharedSizeKey struct{}

// With returns the context of an operation whose answer is one of these.
func (s *SharedSize) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, sharedSizeKey{}, s)
}

// size counts how large an answer becomes. It is safe for concurrent use.
type size struct {
	counts
	limit  int64       // of objects
	shared *SharedSize // with other answers; nil for none
	over   atomic.Pointer[TooLargeError]
}

// begin starts counting for the operation of ctx.
func (s *size) begin(ctx context.Context, limit int) {
	s.limit = int64(limit)
	s.shared, _ = ctx.Value(sharedSizeKey{}).(*SharedSize)
}

// sizeKey is the key of the size that Count finds.
type sizeKey struct{}

// Count has what a resolver looks through, to return less of it, be part of the answer's size:
// n objects more. Its error is for the resolver to return.
func Count(ctx context.Context, n int) error {
	if s, ok := ctx.Value(sizeKey{}).(*size); ok && !s.add(n) {
		return s.err()
	}
	return nil
}

// take adds n to what is counted, or nothing where that is more than limit.
func take(counted *atomic.Int64, n, limit int64) bool {
	for {
		before := counted.Load()
		if before+n > limit {
			return false
		}
		if counted.CompareAndSwap(before, before+n) {
			return true
		}
	}
}

// add reports whether there may be n more objects.
func (s *size) add(n int) bool {
	if !take(&s.count, int64(n), s.limit) || s.shared != nil && !take(&s.shared.count, int64(n), s.limit) {
		s.stop()
		return false
	}
	return true
}

// expect takes note of the elements of what a resolver has returned, before anything is made
// of them: where they are too many, no other resolver need return more.
func (s *size) expect(value any) {
	if value == nil {
		return
	}
	elements := 0
	if page, ok := value.(interface{ Elements() int }); ok {
		elements = page.Elements()
	} else if list := reflect.ValueOf(value); list.Kind() == reflect.Pointer && list.Elem().Kind() == reflect.Slice {
		elements = list.Elem().Len()
	}
	n := int64(elements)
	if !take(&s.returned, n, s.limit) || s.shared != nil && !take(&s.shared.returned, n, s.limit) {
		s.stop()
	}
}

// write reports whether there may be n more bytes.
func (s *size) write(n int) bool {
	if !take(&s.bytes, int64(n), maxAnswer) || s.shared != nil && !take(&s.shared.bytes, int64(n), maxAnswer) {
		s.over.CompareAndSwap(nil, &TooLargeError{Limit: maxAnswer, counted: "bytes"})
		return false
	}
	return true
}

// stop has there be too many objects.
func (s *size) stop() {
	s.over.CompareAndSwap(nil, &TooLargeError{Limit: int(s.limit), counted: "objects"})
}

func (s *size) exceeded() bool { return s.over.Load() != nil }

func (s *size) err() error { return s.over.Load() }

// lengthOf returns the length of a list, which is a pointer to a slice.
func lengthOf(list any) int { return reflect.ValueOf(list).Elem().Len() }

// some is how many bytes may be written before they are counted.
const some = 16 << 10

// isFull counts what was written since it was counted last, and reports whether it is too much.
func (w *Writer) isFull() bool {
	if w.full {
		return true
	}
	written := len(w.buf) - w.start
	if !w.run.size.write(written - w.told) {
		return w.fill()
	}
	w.told, w.check = written, len(w.buf)+some
	if cap(w.buf) < w.check+some {
		// Append alone would copy it more often, and beyond the limit nothing comes.
		w.buf = slices.Grow(w.buf, max(2*some, min(len(w.buf), maxAnswer+some-written)))
	}
	return false
}

// count counts the elements of a list that no resolver is behind.
func (w *Writer) count(elements int) {
	if !w.run.size.add(elements) {
		w.fill()
	}
}

// fill has nothing more be written.
func (w *Writer) fill() bool {
	w.full, w.check = true, -1
	return true
}
