package socket_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"crmgraph/upstream/socket"
)

// pair returns both ends of a TCP connection, the first of which is one of New.
func pair(tb testing.TB) (lean, plain net.Conn) {
	tb.Helper()
	inner, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	listener := socket.Listen(inner)
	defer func() { _ = listener.Close() }()
	if plain, err = (&net.Dialer{}).DialContext(tb.Context(), "tcp", listener.Addr().String()); err != nil {
		tb.Fatal(err)
	}
	if lean, err = listener.Accept(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = lean.Close(), plain.Close() })
	if _, same := lean.(*net.TCPConn); same {
		tb.Fatal("the connection is net's own")
	}
	return lean, plain
}

func TestBytesComeAsTheyWereSent(t *testing.T) {
	t.Parallel()
	lean, plain := pair(t)
	sent := make([]byte, 8<<20) // more than sockets hold, so that both sides wait
	for i := range sent {
		sent[i] = byte(i ^ i>>8 ^ i>>16)
	}
	for _, way := range []struct {
		name     string
		from, to net.Conn
	}{{"written", lean, plain}, {"read", plain, lean}} {
		wrote := make(chan error, 1)
		go func() {
			_, err := way.from.Write(sent)
			wrote <- err
		}()
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(way.to, got); err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		if err := <-wrote; err != nil {
			t.Errorf("%s: the writer got %v", way.name, err)
		}
		if !bytes.Equal(got, sent) {
			t.Errorf("%s: other bytes came than were sent", way.name)
		}
	}
}

func TestTheEndOfAConnectionIsEOF(t *testing.T) {
	t.Parallel()
	lean, plain := pair(t)
	if _, err := plain.Write([]byte("end")); err != nil {
		t.Fatal(err)
	}
	_ = plain.Close()
	if got, err := io.ReadAll(lean); string(got) != "end" || err != nil {
		t.Errorf("got %q, %v, want %q and no error", got, err, "end")
	}
	if n, err := lean.Read(make([]byte, 1)); n != 0 || err != io.EOF { //nolint:errorlint // readers compare
		t.Errorf("after the end: got %d, %v, want io.EOF itself", n, err)
	}
}

func TestNothingIsReadAtOnce(t *testing.T) {
	t.Parallel()
	lean, _ := pair(t)
	if n, err := lean.Read(nil); n != 0 || err != nil {
		t.Errorf("read: got %d, %v, want 0 and no error", n, err)
	}
	if n, err := lean.Write(nil); n != 0 || err != nil {
		t.Errorf("write: got %d, %v, want 0 and no error", n, err)
	}
}

// TestErrorsAreThoseOfNet compares with the connection that package net makes of the same.
func TestErrorsAreThoseOfNet(t *testing.T) {
	t.Parallel()
	many := make([]byte, 16<<20)
	for _, tt := range []struct {
		name string
		do   func(c net.Conn) error
		is   []error
	}{
		{"a deadline that has passed", func(c net.Conn) error {
			_ = c.SetDeadline(time.Unix(1, 0))
			_, err := c.Read(make([]byte, 1))
			return err
		}, []error{os.ErrDeadlineExceeded}},
		{"a deadline that passes", func(c net.Conn) error {
			time.AfterFunc(time.Millisecond, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
			_, err := c.Read(make([]byte, 1))
			return err
		}, []error{os.ErrDeadlineExceeded}},
		{"a reader who does not read", func(c net.Conn) error {
			time.AfterFunc(time.Millisecond, func() { _ = c.SetWriteDeadline(time.Unix(1, 0)) })
			_, err := c.Write(many)
			return err
		}, []error{os.ErrDeadlineExceeded}},
		{"closed before", func(c net.Conn) error {
			_ = c.Close()
			_, err := c.Write(many)
			return err
		}, []error{net.ErrClosed}},
		{"closed meanwhile", func(c net.Conn) error {
			time.AfterFunc(time.Millisecond, func() { _ = c.Close() })
			_, err := c.Read(make([]byte, 1))
			return err
		}, []error{net.ErrClosed}},
		{"half closed", func(c net.Conn) error {
			_ = c.(interface{ CloseWrite() error }).CloseWrite()
			_, err := c.Write(many)
			return err
		}, []error{syscall.EPIPE}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lean, _ := pair(t)
			_, plain := pair(t)
			got, want := tt.do(lean), tt.do(plain)
			for _, is := range tt.is {
				if !errors.Is(got, is) || !errors.Is(want, is) {
					t.Errorf("got %v, and %v of net, want both to be %v", got, want, is)
				}
			}
			var gotOp, wantOp *net.OpError
			if !errors.As(got, &gotOp) || !errors.As(want, &wantOp) || gotOp.Op != wantOp.Op || gotOp.Net != wantOp.Net ||
				gotOp.Timeout() != wantOp.Timeout() || gotOp.Err.Error() != wantOp.Err.Error() {
				t.Errorf("got %v, want what net says: %v", got, want)
			}
		})
	}
}

func TestAResetConnectionFails(t *testing.T) {
	t.Parallel()
	lean, plain := pair(t)
	_ = plain.(*net.TCPConn).SetLinger(0)
	_ = plain.Close()
	_, err := lean.Read(make([]byte, 1))
	var op *net.OpError
	if !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &op) || op.Op != "read" || op.Addr == nil || op.Source == nil {
		t.Errorf("got %#v, want ECONNRESET of a read, with both addresses", err)
	}
}

// TestReadersTakeTurns: a net.Conn may be read by several goroutines.
func TestReadersTakeTurns(t *testing.T) {
	t.Parallel()
	lean, plain := pair(t)
	const readers = 8
	got := make(chan byte, readers)
	for range readers {
		go func() {
			var b [1]byte
			if n, err := lean.Read(b[:]); n == 1 && err == nil {
				got <- b[0]
			} else {
				got <- 0
			}
		}()
	}
	if _, err := plain.Write([]byte("abcdefgh")); err != nil {
		t.Fatal(err)
	}
	seen := map[byte]bool{}
	for range readers {
		seen[<-got] = true
	}
	if len(seen) != readers || seen[0] {
		t.Errorf("got %v, want each byte once", seen)
	}
}

func TestOtherConnectionsStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	a, b := net.Pipe()
	defer func() { _, _ = a.Close(), b.Close() }()
	if got := socket.New(a); got != a {
		t.Errorf("got %T, want the pipe itself", got)
	}
}

func BenchmarkEcho(b *testing.B) {
	for _, bb := range []struct {
		name string
		lean bool
	}{{"net", false}, {"socket", true}} {
		b.Run(bb.name, func(b *testing.B) {
			lean, plain := pair(b)
			c := plain
			if bb.lean {
				c = socket.New(plain)
			}
			go func() { _, _ = io.Copy(struct{ io.Writer }{lean}, struct{ io.Reader }{lean}) }()
			memory := make([]byte, 200)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Write(memory); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(c, memory); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
