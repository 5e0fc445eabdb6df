package shared

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"go.uber.org/goleak"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Redis of one test.
type server struct {
	tb      testing.TB
	binary  string
	dir     string
	port    int
	config  []string
	process *exec.Cmd
}

// redisServer returns the program. Without one the test is skipped, but for CI, which installs
// it.
func redisServer(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		tb.Fatal("no redis-server is installed")
	}
	tb.Skip("no redis-server is installed: the shared tier is not tried with one")
	return ""
}

// newServer returns a server that does not run yet.
func newServer(tb testing.TB, config ...string) *server {
	tb.Helper()
	return &server{tb: tb, binary: redisServer(tb), dir: tb.TempDir(), port: freePort(tb), config: config}
}

func startServer(tb testing.TB, config ...string) *server {
	tb.Helper()
	r := newServer(tb, config...)
	r.start()
	return r
}

func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func (r *server) start() {
	r.tb.Helper()
	lines := append([]string{
		fmt.Sprintf("port %d", r.port), "bind 127.0.0.1", "dir " + r.dir, `save ""`, "rdbcompression no", "daemonize no",
	}, r.config...)
	file := filepath.Join(r.dir, "redis.conf")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		r.tb.Fatal(err)
	}
	r.process = exec.CommandContext(context.WithoutCancel(r.tb.Context()), r.binary, file)
	if err := r.process.Start(); err != nil {
		r.tb.Fatal(err)
	}
	process := r.process
	r.tb.Cleanup(func() { end(process) })
	eventually(r.tb, "the server listens", func() bool {
		conn, err := (&net.Dialer{Timeout: time.Second}).Dial("tcp", r.address())
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
}

func end(process *exec.Cmd) {
	if process.ProcessState == nil {
		_ = process.Process.Kill()
		_ = process.Wait()
	}
}

func (r *server) kill()           { end(r.process) }
func (r *server) freeze()         { r.signal(syscall.SIGSTOP) }
func (r *server) thaw()           { r.signal(syscall.SIGCONT) }
func (r *server) address() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }
func (r *server) url() string     { return "redis://" + r.address() }

func (r *server) signal(signal syscall.Signal) {
	r.tb.Helper()
	if err := r.process.Process.Signal(signal); err != nil {
		r.tb.Fatal(err)
	}
}

// client returns one such as an operator has.
func (r *server) client() rueidis.Client {
	r.tb.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{r.address()}, ForceSingleClient: true, DisableCache: true, PipelineMultiplex: -1,
	})
	if err != nil {
		r.tb.Fatal(err)
	}
	return client
}

// do sends a command as an operator would.
func (r *server) do(words ...string) rueidis.RedisResult {
	r.tb.Helper()
	client := r.client()
	defer client.Close()
	result := client.Do(r.tb.Context(), client.B().Arbitrary(words...).Build())
	if err := result.Error(); err != nil && !rueidis.IsRedisNil(err) {
		r.tb.Fatalf("%s: %v", words[0], err)
	}
	return result
}

// names returns all names in the database.
func (r *server) names() []string {
	r.tb.Helper()
	names, err := r.do("KEYS", "*").AsStrSlice()
	if err != nil {
		r.tb.Fatal(err)
	}
	return names
}

// name returns the one name in the database.
func (r *server) name() string {
	r.tb.Helper()
	names := r.names()
	if len(names) != 1 {
		r.tb.Fatalf("%d names, want 1", len(names))
	}
	return names[0]
}

func (r *server) value(name string) string {
	r.tb.Helper()
	value, err := r.do("GET", name).ToString()
	if err != nil {
		r.tb.Fatal(err)
	}
	return value
}

// eventually waits for what other goroutines or processes do.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			tb.Fatalf("it never came about that %s", what)
		case <-tick.C:
		}
	}
}

// heard is what a replica was told.
type heard struct {
	mu     sync.Mutex
	purges []cache.Purge
	gaps   int
}

func (h *heard) purge(p cache.Purge) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.purges = append(h.purges, p)
}

func (h *heard) gap() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gaps++
}

func (h *heard) has(p cache.Purge) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, purge := range h.purges {
		if purge == p {
			return true
		}
	}
	return false
}

func (h *heard) counts() (purges, gaps int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.purges), h.gaps
}

// Patient is longer than any answer of a healthy server takes on a busy machine, hasty is
// what calls are meant to wait for one.
const (
	patient = 20 * time.Second
	hasty   = 20 * time.Millisecond
)

func optionsFor(url string) Options {
	return Options{URL: url, Key: bytes.Repeat([]byte{7}, KeySize), Namespace: "test", Timeout: patient}
}

// open returns a replica.
func open(tb testing.TB, opts Options) *Shared {
	tb.Helper()
	s, err := Open(opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// opened returns a replica that is up.
func opened(tb testing.TB, opts Options) *Shared {
	tb.Helper()
	s := open(tb, opts)
	becomes(tb, s, Up)
	return s
}

func becomes(tb testing.TB, s *Shared, want State) {
	tb.Helper()
	eventually(tb, "it is "+string(want), func() bool { return s.Health().State == want })
}

// put stores an answer and waits for it.
func put(tb testing.TB, s *Shared, key upstream.Key, stored cache.Stored) {
	tb.Helper()
	before := s.Stats().Stored
	s.Put(key, stored, time.Hour)
	eventually(tb, "the answer is stored", func() bool { return s.Stats().Stored > before })
}

func tasksOf(viewer string) upstream.Key {
	return upstream.Key{Service: upstream.ProPortal, Operation: "tasks", Scope: viewer, Query: "status=planned"}
}

func answer(body string) cache.Stored {
	return cache.Stored{Body: []byte(body), At: time.UnixMilli(1_790_000_000_123)}
}

// log collects what is logged.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
