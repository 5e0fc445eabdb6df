package resilience

import "time"

// windowSlices is how finely a window slides.
const windowSlices = 10

// window counts the attempts of the last while, slice by slice.
type window struct {
	start time.Time
	width time.Duration // of a slice
	ring  [windowSlices]slice
}

// slice is the count of one stretch of time. The ring has it in the place of the one
// that went out of the window as it came.
type slice struct {
	number   int64 // of all slices since the start
	attempts int
	failures int
}

func newWindow(start time.Time, span time.Duration) window {
	return window{start: start, width: span / windowSlices}
}

// add counts an attempt and returns the sums over the window.
func (w *window) add(now time.Time, failure bool) (attempts, failures int) {
	number := int64(now.Sub(w.start) / w.width)
	current := &w.ring[number%windowSlices]
	if current.number != number {
		*current = slice{number: number}
	}
	current.attempts++
	if failure {
		current.failures++
	}
	for i := range w.ring {
		if s := &w.ring[i]; s.number > number-windowSlices {
			attempts += s.attempts
			failures += s.failures
		}
	}
	return attempts, failures
}
