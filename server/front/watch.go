package front

// watch reads from a connection while its request is answered, to learn that the client leaves.
// What it reads instead is the next request; the connection waits for that by waiting for the
// watch, since to interrupt it would take more time.
type watch struct {
	done   chan struct{} // closed when it has read; what follows is there then
	buffer []byte
	n      int
	err    error
}

func newWatch() *watch {
	return &watch{done: make(chan struct{}), buffer: takeBuffer(smallBuffer)}
}

func (w *watch) run(c *conn) {
	defer close(w.done)
	w.n, w.err = c.socket.Read(w.buffer)
	if w.err != nil {
		c.server.sweeper.clientLeft(c)
	}
}
