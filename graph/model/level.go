package model

// Level holds the keys on which the objects of one round of an operation lead on.
// Siblings, and wherever one call brings them together the children of siblings, share
// one: they are asked for the same fields, so the first of them that needs an upstream
// call can ask for all of them at once, and no timer has to tell when a batch is full.
// A Level is never changed once objects point to it.
type Level struct {
	Groups    []int64
	Customers []int64 // of customers themselves, or what tasks and projects point to
	Projects  []uint64
}

// Distinct returns keys without zeros and repetitions, in order of first appearance.
func Distinct[K comparable](keys []K) []K {
	var zero K
	seen := make(map[K]struct{}, len(keys))
	out := keys[:0:0]
	for _, key := range keys {
		if _, ok := seen[key]; ok || key == zero {
			continue
		}
		seen[key] = struct{}{}
		out = append(out, key)
	}
	return out
}
