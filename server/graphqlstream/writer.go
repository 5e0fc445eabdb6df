package graphqlstream

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// writer writes parts, and signs of life while there are none.
type writer struct {
	response   http.ResponseWriter
	controller *http.ResponseController
	form       form
	timeout    time.Duration
	keepAlive  time.Duration
	cancel     context.CancelFunc // of the operation, when nobody reads any more

	counts *counts

	mu     sync.Mutex
	begun  bool
	closed bool
	timer  *time.Timer
	buffer []byte
}

// newWriter returns what writes a response of t.
func newWriter(w http.ResponseWriter, form form, t *Transport, cancel context.CancelFunc) *writer {
	return &writer{
		response:   w,
		controller: http.NewResponseController(w),
		form:       form,
		timeout:    t.opts.WriteTimeout,
		keepAlive:  t.opts.KeepAlive,
		cancel:     cancel,
		counts:     &t.counts,
	}
}

// begin begins the response, if nothing has yet.
func (w *writer) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start()
}

// start is begin for who holds the lock. A response has no deadlines but those of its parts.
func (w *writer) start() {
	if w.begun {
		return
	}
	w.begun = true
	w.counts.opened.Add(1)
	w.counts.open.Add(1)
	// The server would take a connection that nothing is read from for a slow one, and end the
	// request. Not every writer has deadlines.
	_ = w.controller.SetReadDeadline(time.Time{})
	header := w.response.Header()
	w.form.setHeader(header)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would hold parts back
	w.response.WriteHeader(http.StatusOK)
	w.timer = time.AfterFunc(w.keepAlive, w.sign)
	_ = w.write(w.form.appendStart(nil))
}

// send writes a part.
func (w *writer) send(part *Part) error {
	body, err := part.AppendTo(nil)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start()
	w.buffer = w.form.appendPart(w.buffer[:0], body)
	return w.write(w.buffer)
}

// complete writes what comes after all parts.
func (w *writer) complete() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start()
	_ = w.write(w.form.appendEnd(nil)) // there is nobody to tell
}

// sign writes a sign of life: what is in between would end a connection that is silent, and
// nobody would notice that the client has gone.
func (w *writer) sign() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if sign := w.form.appendSign(nil); !w.closed && len(sign) > 0 && w.write(sign) != nil {
		w.cancel()
	}
}

// close has nothing more written: the response is not the writer's when its request has ended.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if !w.begun {
		return
	}
	w.counts.open.Add(-1)
	w.timer.Stop()
	_ = w.controller.SetWriteDeadline(time.Time{})
}

// write writes, and sees to it that all of it leaves.
func (w *writer) write(text []byte) error {
	_ = w.controller.SetWriteDeadline(time.Now().Add(w.timeout))
	if _, err := w.response.Write(text); err != nil {
		return err
	}
	w.timer.Reset(w.keepAlive)
	return w.controller.Flush()
}
