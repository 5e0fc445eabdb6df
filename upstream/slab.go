package upstream

import "unsafe"

// Slabs start with so many bytes and grow to so many, or hold one value: large enough that
// few are made, small enough that one value which is kept does not pin much. Six of the
// largest share a span of Go's allocator, while each of 8 KiB would need a span of its own.
const (
	minSlab = 256
	maxSlab = 6784
)

// Slab hands out memory for the values of one answer, many of which are allocated at a
// time. The zero Slab is ready to use. It is not safe for concurrent use.
type Slab[T any] struct {
	values []T // the last slab
	used   int // how many of them were handed out; counting stores no pointer
	forecast
}

// New returns a pointer to a zero value.
func (s *Slab[T]) New() *T {
	s.reserve(1)
	value := &s.values[s.used]
	s.used++
	return value
}

// Make returns n zero values, never nil. Appending to them moves them elsewhere.
func (s *Slab[T]) Make(n int) []T {
	if n == 0 {
		return []T{}
	}
	s.reserve(n)
	start := s.used
	s.used += n
	return s.values[start:s.used:s.used]
}

func (s *Slab[T]) reserve(n int) {
	if n > len(s.values)-s.used {
		s.grow(n)
	}
}

func (s *Slab[T]) grow(n int) {
	// Where the length of the answer is not known, twice as many each time, so that a short one
	// has no slab for a long one.
	var value T
	size := max(1, int(unsafe.Sizeof(value)))
	least := minSlab / size
	likely := s.next(len(s.values), max(2*len(s.values), least))
	s.values = make([]T, max(n, least, min(likely, maxSlab/size)))
	s.used = 0
}

// Room returns a list without values to append to and to give to Keep. It has room for n
// values at least; where more are appended, they move elsewhere. Of a slab that gives room
// nothing else is made: what was appended and not kept is left in its memory.
func (s *Slab[T]) Room(n int) []T {
	s.reserve(n)
	return s.values[s.used:s.used]
}

// Keep returns values, which were appended to what Room returned last, for which holds what
// Make says.
func (s *Slab[T]) Keep(values []T) []T {
	n := len(values)
	if n <= len(s.values)-s.used {
		s.used += n // they are where the room was
	}
	return values[:n:n]
}

// Copy returns a copy of values, for which holds what Make says.
func (s *Slab[T]) Copy(values []T) []T {
	out := s.Make(len(values))
	copy(out, values)
	return out
}
