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

	mu     sync.Mutex
	closed bool
	timer  *time.Timer
	buffer []byte
}

// newWriter begins a response. It has no deadlines but those of its parts.
func newWriter(w http.ResponseWriter, form form, opts Options, cancel context.CancelFunc) *writer {
	out := &writer{
		response:   w,
		controller: http.NewResponseController(w),
		form:       form,
		timeout:    opts.WriteTimeout,
		keepAlive:  opts.KeepAlive,
		cancel:     cancel,
	}
	// The server would take a connection that nothing is read from for a slow one, and end the
	// request. Not every writer has deadlines.
	_ = out.controller.SetReadDeadline(time.Time{})
	header := w.Header()
	form.setHeader(header)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would hold parts back
	w.WriteHeader(http.StatusOK)
	out.mu.Lock()
	defer out.mu.Unlock()
	out.timer = time.AfterFunc(out.keepAlive, out.sign)
	_ = out.write(form.appendStart(nil))
	return out
}

// send writes a part.
func (w *writer) send(part *Part) error {
	body, err := part.AppendTo(nil)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buffer = w.form.appendPart(w.buffer[:0], body)
	return w.write(w.buffer)
}

// complete writes what comes after all parts.
func (w *writer) complete() {
	w.mu.Lock()
	defer w.mu.Unlock()
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
