package sandbox

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmgraph/upstream"
)

// hugeSize is the length of a body nobody should read to its end.
const hugeSize = 1 << 30

// slowPieces is the number of pieces a slow body comes in.
const slowPieces = 8

// fail answers a request as the fault says. right makes the answer it would have had.
func (s *Sandbox) fail(w http.ResponseWriter, r *http.Request, service upstream.Service, fault Fault, right func() answer) {
	switch fault.Kind {
	case FaultStatus:
		if fault.RetryAfter > 0 {
			seconds := (fault.RetryAfter + time.Second - 1) / time.Second
			w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
		}
		statusAnswer(service, fault.Status).write(w)
	case FaultHang:
		s.hang(r.Context())
	case FaultRefuse, FaultReset:
		cutConnection(w, fault.Kind == FaultReset)
	case FaultTruncate:
		truncate(w, right())
	case FaultPHPError:
		phpErrorPage().write(w)
	case FaultHTML:
		loginPage().write(w)
	case FaultEmptyArray:
		jsonBody([]byte(`[]`)).write(w)
	case FaultHuge:
		streamHuge(w)
	case FaultSlowHeaders:
		s.wait(r.Context(), fault.Delay)
		right().write(w)
	case FaultSlowBody:
		s.dribble(w, r, fault.Delay, right())
	case FaultGarbage:
		jsonBody([]byte(`{"message":{"unexpected":["shape",1,null]}}`)).write(w)
	case FaultRedirect:
		w.Header().Set("Location", fault.Location)
		htmlStatus(http.StatusFound).write(w)
	}
}

func statusAnswer(service upstream.Service, status int) answer {
	if status == http.StatusUnauthorized {
		if service == upstream.ProPortal {
			return proPortalUnauthorized()
		}
		return solosUnauthorized()
	}
	return htmlStatus(status)
}

// wait pauses for d. It gives the request up if the client leaves or the sandbox closes meanwhile.
func (s *Sandbox) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	case <-s.closing:
		panic(http.ErrAbortHandler)
	}
}

// hang answers nothing until the client leaves or the sandbox closes.
func (s *Sandbox) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closing:
	}
	panic(http.ErrAbortHandler)
}

// cutConnection ends the connection without an answer, with a reset if so asked.
func cutConnection(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0) // makes the close a reset
	}
	_ = conn.Close()
}

func truncate(w http.ResponseWriter, a answer) {
	a.setHeaders(w)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// streamHuge writes the same item over and over, so that only the client's memory is at risk.
func streamHuge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", typeJSON)
	item := []byte(`{"id":1,"name":"` + strings.Repeat("x", 64<<10) + `"},`)
	_, err := w.Write([]byte{'['})
	for sent := 0; sent < hugeSize && err == nil; sent += len(item) {
		_, err = w.Write(item)
	}
	if err == nil {
		_, _ = w.Write([]byte("null]"))
	}
}

func (s *Sandbox) dribble(w http.ResponseWriter, r *http.Request, delay time.Duration, a answer) {
	a.setHeaders(w)
	w.WriteHeader(a.status)
	_ = http.NewResponseController(w).Flush()
	size := len(a.body)/slowPieces + 1
	for rest := a.body; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		s.wait(r.Context(), delay)
		if _, err := w.Write(rest[:min(size, len(rest))]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}
