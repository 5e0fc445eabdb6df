package loader

import "sync"

// SideBySide runs do for 0 to n-1 at the same time, one of them in the caller's goroutine, and
// waits for all of them. How many calls really leave at once is up to the limit in front of each
// upstream. A panic in one of them goes on in the caller, where somebody recovers it, and not in a
// goroutine of its own, where it would end the program.
func (s *Set) SideBySide(n int, do func(i int)) {
	if n == 0 {
		return
	}
	var wait sync.WaitGroup
	panics := make(chan any, n)
	safely := func(i int) {
		defer func() {
			if cause := recover(); cause != nil {
				panics <- cause
			}
		}()
		do(i)
	}
	for i := range n - 1 {
		wait.Add(1)
		s.spawn(func() {
			defer wait.Done()
			safely(i)
		})
	}
	safely(n - 1)
	wait.Wait()
	if len(panics) > 0 {
		panic(<-panics)
	}
}

// Together is SideBySide for different things.
func (s *Set) Together(parts ...func()) {
	s.SideBySide(len(parts), func(i int) { parts[i]() })
}
