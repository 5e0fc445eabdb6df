package middleware

import "net/http"

// recorder remembers what was answered. It passes Unwrap on, so that
// http.ResponseController finds what the server's own writer can do.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the header is written
	bytes  int64
}

// record returns what remembers the answer that goes through w: w itself where an outer
// middleware has put it there.
func record(w http.ResponseWriter) *recorder {
	if recorded, ok := w.(*recorder); ok {
		return recorded
	}
	return &recorder{ResponseWriter: w}
}

func (r *recorder) WriteHeader(status int) {
	// Informational answers precede the real one.
	if r.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Flush lets streaming transports, which ask for an http.Flusher, through.
func (r *recorder) Flush() {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	// A writer that cannot flush sends everything at the end, which is no error.
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
