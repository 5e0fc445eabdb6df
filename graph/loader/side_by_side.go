package loader

import "sync"

// SideBySide runs do for 0 to n-1 at the same time and waits for all of them. How many
// calls really leave at once is up to the limit in front of each upstream. A panic in one
// of them goes on in the caller, where somebody recovers it, and not in a goroutine of
// its own, where it would end the program.
func SideBySide(n int, do func(i int)) {
	if n == 1 {
		do(0)
		return
	}
	var wait sync.WaitGroup
	panics := make(chan any, n)
	for i := range n {
		wait.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					panics <- cause
				}
			}()
			do(i)
		})
	}
	wait.Wait()
	if len(panics) > 0 {
		panic(<-panics)
	}
}

// Together is SideBySide for different things.
func Together(parts ...func()) {
	SideBySide(len(parts), func(i int) { parts[i]() })
}
