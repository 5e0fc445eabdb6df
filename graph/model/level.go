package model

import "slices"

// Level holds the keys on which the objects of one round of an operation lead on.
// Siblings, and wherever one call brings them together the children of siblings, share
// one: they are asked for the same fields, so the first of them that needs an upstream
// call can ask for all of them at once, and no timer has to tell when a batch is full.
// A Level is never changed once objects point to it.
type Level struct {
	Groups    []int64
	Customers []int64 // of customers themselves, or what tasks and projects point to
}

// Distinct returns keys without zeros and repetitions, in order of first appearance.
func Distinct[K comparable](keys []K) []K {
	var zero K
	out := make([]K, 0, len(keys))
	if len(keys) <= few {
		for _, key := range keys {
			if key != zero && !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
		return out
	}
	seen := make(map[K]struct{}, len(keys))
	for _, key := range keys {
		if _, ok := seen[key]; ok || key == zero {
			continue
		}
		seen[key] = struct{}{}
		out = append(out, key)
	}
	return out
}

// few is of how many keys each is sooner compared with all others than put into a map.
const few = 128

// member is an object that has a level.
type member interface {
	level() *Level
	addTo(*Level)
	// on returns a copy of the object on another level.
	on(*Level) any
}

// Join returns objects of one type as one level that has their keys and no others, in
// their order. They are copies, since whoever else has the objects may be reading them;
// only where they are a whole level already, and where they have none, it is themselves.
func Join(objects []any) []any {
	joined, common := &Level{}, (*Level)(nil)
	for i, object := range objects {
		m, ok := object.(member)
		if !ok {
			return objects
		}
		m.addTo(joined)
		if i == 0 {
			common = m.level()
		} else if common != m.level() {
			common = nil
		}
	}
	if common != nil && common.isWhole(joined) {
		return objects
	}
	joined.Groups = Distinct(joined.Groups)
	joined.Customers = Distinct(joined.Customers)
	copies := make([]any, len(objects))
	for i, object := range objects {
		copies[i] = object.(member).on(joined)
	}
	return copies
}

// isWhole reports whether other, the keys of objects on l, are all that l has. A level has
// the customers that tasks and projects point to once each, other has them as they come.
func (l *Level) isWhole(other *Level) bool {
	return slices.Equal(l.Groups, other.Groups) &&
		(slices.Equal(l.Customers, other.Customers) || slices.Equal(l.Customers, Distinct(other.Customers)))
}

func (g *Group) level() *Level    { return g.Level }
func (c *Customer) level() *Level { return c.Level }
func (t *Task) level() *Level     { return t.Level }
func (p *Project) level() *Level  { return p.Level }

func (g *Group) addTo(l *Level)    { l.Groups = append(l.Groups, g.Group.ID) }
func (c *Customer) addTo(l *Level) { l.Customers = append(l.Customers, c.Number) }

func (t *Task) addTo(l *Level) {
	if t.Customer != nil {
		l.Customers = append(l.Customers, t.Customer.ID)
	}
}

func (p *Project) addTo(l *Level) {
	if p.CustomerID != nil {
		l.Customers = append(l.Customers, *p.CustomerID)
	}
}

func (g *Group) on(l *Level) any {
	joined := *g
	joined.Level = l
	return &joined
}

func (c *Customer) on(l *Level) any {
	joined := *c
	joined.Level = l
	return &joined
}

func (t *Task) on(l *Level) any {
	joined := *t
	joined.Level = l
	return &joined
}

func (p *Project) on(l *Level) any {
	joined := *p
	joined.Level = l
	return &joined
}
