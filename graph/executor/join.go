package executor

import (
	"encoding/json"
	"slices"
	"sync"
)

// gate holds steps back until the objects of all of them are known, so that one batch can
// serve them. docs/executor.md argues why no two gates wait for each other.
type gate struct {
	steps []*step

	mu       sync.Mutex
	arrivals []arrival
}

// arrive returns all arrivals with the last of them, and none before.
func (g *gate) arrive(a arrival) []arrival {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.arrivals = append(g.arrivals, a); len(g.arrivals) < len(g.steps) {
		return nil
	}
	return g.arrivals
}

// maxJoined bounds the steps that are looked at: which of them may wait for which takes time
// in the square of their number.
const maxJoined = 200

// join puts a gate before steps that batch together: same field, same object type, same
// arguments, and none of them needed to get to another.
func (r *run) join() map[*step]*gate {
	total := 0
	for _, steps := range r.plan.batches {
		total += len(steps)
	}
	if total == 0 || total > maxJoined {
		return nil
	}
	gates := map[*step]*gate{}
	for _, steps := range r.plan.batches {
		open := map[string][]*gate{} // by arguments
		for _, s := range steps {
			key, ok := r.argumentsKey(s)
			if !ok {
				continue
			}
			i := slices.IndexFunc(open[key], func(g *gate) bool {
				return !needs([]*step{s}, g.steps, gates) && !needs(g.steps, []*step{s}, gates)
			})
			if i < 0 {
				i = len(open[key])
				open[key] = append(open[key], &gate{})
			}
			g := open[key][i]
			g.steps = append(g.steps, s)
			gates[s] = g
		}
	}
	return gates
}

// needs reports whether any of steps can be resolved only after one of targets: that is
// above it, or above a step that waits at the gate of one that is, and so on.
func needs(steps, targets []*step, gates map[*step]*gate) bool {
	seen := map[*step]bool{}
	for pending := slices.Clone(steps); len(pending) > 0; {
		above := pending[len(pending)-1].above
		pending = pending[:len(pending)-1]
		if above == nil || seen[above] {
			continue
		}
		together := []*step{above}
		if g := gates[above]; g != nil {
			together = g.steps
		}
		for _, other := range together {
			if slices.Contains(targets, other) {
				return true
			}
			seen[other] = true
		}
		pending = append(pending, together...)
	}
	return false
}

// argumentsKey returns a text that steps with the same arguments have in common; !ok if
// they cannot be read, which fails for good, with an error and its path, later.
func (r *run) argumentsKey(s *step) (key string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if s.field.Args == nil {
		return "", true
	}
	text, err := json.Marshal(s.collected.ArgumentMap(r.op.Variables))
	return string(text), err == nil
}
