package crew

// Idle returns how many goroutines and turns have nothing to do.
func (c *Crew) Idle() (workers, turns int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.workers.all), len(c.turns.all)
}
