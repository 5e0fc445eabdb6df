package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// ids counts up the ids of one kind each, over all managers, so that none collides.
type ids struct {
	group, customer, task                                              int64
	project, step, action, checklist, checklistItem, goodLine, payment uint64
}

// newIDs starts above the ids of the reference's samples.
func newIDs() *ids {
	return &ids{group: 348, customer: 4007200, task: 2600000, step: 100, action: 1000, checklist: 10, checklistItem: 500, goodLine: 30, payment: 700}
}

// generator makes the data of one manager. Its random numbers are seeded by the manager's
// place alone, so they are the same on every start.
type generator struct {
	options Options
	ids     *ids
	place   int
	id      int64
	marker  string
	random  *rand.Rand
	// customers is the finished portfolio, which projects refer to.
	customers []*Customer
}

func newGenerator(o Options, ids *ids, place int) *generator {
	const seed = 0x63726d67
	return &generator{
		options: o,
		ids:     ids,
		place:   place,
		id:      managerID(place),
		marker:  marker(place),
		random:  rand.New(rand.NewPCG(seed, uint64(place))),
	}
}

// managerID is the id of the manager at a place. The first is the subject of the token
// in ProPortal's reference.
func managerID(place int) int64 { return int64(place) + 2 }

func marker(place int) string {
	words := []string{"Байкал", "Енисей", "Волга", "Урал", "Кубань", "Алтай", "Онега", "Амур"}
	if place < len(words) {
		return words[place]
	}
	return fmt.Sprintf("Район-%03d", place)
}

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.random.IntN(n) == 0 }

// between returns a number from low to high, both included.
func (g *generator) between(low, high int64) int64 { return low + g.random.Int64N(high-low+1) }

// moment returns a whole second from a up to and without b.
func (g *generator) moment(a, b time.Time) time.Time {
	seconds := int64(b.Sub(a) / time.Second)
	if seconds <= 0 {
		return a
	}
	return a.Add(time.Duration(g.random.Int64N(seconds)) * time.Second)
}

// ago returns an instant the given number of days before the sandbox's clock.
func (g *generator) ago(days int) time.Time { return g.options.Now.AddDate(0, 0, -days) }

// digits returns n digits of which the first is not zero.
func (g *generator) digits(n int) string {
	var b strings.Builder
	low := int64(1)
	for range n {
		b.WriteByte(byte('0' + g.between(low, 9)))
		low = 0
	}
	return b.String()
}

func pick[T any](g *generator, from []T) T { return from[g.random.IntN(len(from))] }

// maybe returns a pointer to the value, or nil once in n times.
func maybe[T any](g *generator, n int, value T) *T {
	if g.chance(n) {
		return nil
	}
	return &value
}

// skewed returns an index below n; low ones come far more often.
func (g *generator) skewed(n int) int {
	f := g.random.Float64()
	return int(f * f * float64(n))
}

// kopecks writes an amount of hundredths as a decimal with two places.
func kopecks(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
