package upstream

import "unsafe"

// Slabs start with so many bytes and grow to so many, or hold one value: large enough that
// few are made, small enough that one value which is kept does not pin much.
const (
	minSlab = 256
	maxSlab = 8 << 10
)

// Slab hands out memory for the values of one answer, many of which are allocated at a
// time. The zero Slab is ready to use. It is not safe for concurrent use.
type Slab[T any] struct {
	free []T
	made int // length of the last slab
}

// New returns a pointer to a zero value.
func (s *Slab[T]) New() *T { return &s.Make(1)[0] }

// Make returns n zero values, never nil. Appending to them moves them elsewhere.
func (s *Slab[T]) Make(n int) []T {
	if n == 0 {
		return []T{}
	}
	if n > len(s.free) {
		// Twice as many each time, so that a short answer has no slab for a long one.
		var value T
		size := max(1, int(unsafe.Sizeof(value)))
		s.made = max(n, min(max(2*s.made, minSlab/size), maxSlab/size))
		s.free = make([]T, s.made)
	}
	values := s.free[:n:n]
	s.free = s.free[n:]
	return values
}

// Copy returns a copy of values, for which holds what Make says.
func (s *Slab[T]) Copy(values []T) []T {
	out := s.Make(len(values))
	copy(out, values)
	return out
}
