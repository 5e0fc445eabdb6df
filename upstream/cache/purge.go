package cache

import (
	"context"
	"errors"
	"fmt"

	"crmgraph/upstream"
)

// Purge says which answers to forget: those that all of its parts apply to. The zero value
// names none and is refused; All alone means every answer.
type Purge struct {
	Operation string // "proportal.tasks"; "" for every operation
	Viewer    string // the Scope of a key; "" for everybody
	Entity    Entity // zero for any
	All       bool
}

// Entity is an object of a CRM.
type Entity struct {
	Kind string // as Options.Concerns knows it, e.g. "task"
	ID   string
}

// Validate reports why p cannot be carried out, if so.
func (p Purge) Validate() error {
	if p == (Purge{}) {
		return errors.New("a purge must name an operation, a viewer, an entity or all")
	}
	if (p.Entity.Kind == "") != (p.Entity.ID == "") {
		return errors.New("a purge of an entity must name its kind and its id")
	}
	return nil
}

// Purge forgets answers, here and in the tier, whose trouble is the error. It returns how
// many there were in memory. What is being asked for meanwhile is not kept.
func (c *Cache) Purge(ctx context.Context, purge Purge) (int, error) {
	if err := purge.Validate(); err != nil {
		return 0, err
	}
	if purge.Entity != (Entity{}) && c.concerns == nil {
		return 0, errors.New("this cache cannot tell which answers concern an entity")
	}
	n := c.forget(purge)
	if c.tier == nil {
		return n, nil
	}
	err := c.tier.Purge(ctx, purge)
	// What was still in the tier may have been read back into memory.
	n += c.forget(purge)
	if err != nil {
		return n, fmt.Errorf("purging the shared tier: %w", err)
	}
	return n, nil
}

// Apply forgets answers in memory that another replica purged.
func (c *Cache) Apply(purge Purge) {
	if purge.Validate() == nil {
		c.forget(purge)
	}
}

func (c *Cache) forget(purge Purge) (n int) {
	c.mu.Lock()
	for f := range c.flights.all() {
		if c.covers(&purge, f.key) {
			c.ground(f)
		}
	}
	c.mu.Unlock()
	for key := range c.memory.keys() {
		if c.covers(&purge, &key) && c.memory.drop(&key) {
			n++
		}
	}
	return n
}

// covers reports whether purge is about the answer to key. An entity of which nobody can
// tell is in every answer.
func (c *Cache) covers(purge *Purge, key *upstream.Key) bool {
	return (purge.Operation == "" || purge.Operation == callOf(key).String()) &&
		(purge.Viewer == "" || purge.Viewer == key.Scope) &&
		(purge.Entity == Entity{} || c.concerns == nil || c.concerns(*key, purge.Entity.Kind, purge.Entity.ID))
}
