package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/redis/rueidis"
)

// redisServer is a real Redis of one test.
type redisServer struct {
	t       *testing.T
	binary  string
	dir     string
	port    int
	process *exec.Cmd
}

// newRedis returns a server that does not run yet. Without the program the test is skipped,
// but for CI, which installs it.
func newRedis(t *testing.T) *redisServer {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return &redisServer{t: t, binary: path, dir: t.TempDir(), port: freePort(t)}
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no redis-server is installed")
	}
	t.Skip("no redis-server is installed: replicas are not tried with one")
	return nil
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	r := newRedis(t)
	r.start()
	return r
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// start runs the server, empty, until the test ends or kills it.
func (r *redisServer) start() {
	r.t.Helper()
	file := filepath.Join(r.dir, "redis.conf")
	config := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsave \"\"\ndaemonize no\n", r.port, r.dir)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.process = exec.CommandContext(context.WithoutCancel(r.t.Context()), r.binary, file)
	if err := r.process.Start(); err != nil {
		r.t.Fatal(err)
	}
	process := r.process
	r.t.Cleanup(func() { endProcess(process) })
	await(r.t, "Redis listens", func() bool { return accepts(r.t, r.address()) })
}

func endProcess(process *exec.Cmd) {
	if process.ProcessState == nil {
		_ = process.Process.Kill()
		_ = process.Wait()
	}
}

func (r *redisServer) kill()           { endProcess(r.process) }
func (r *redisServer) freeze()         { r.signal(syscall.SIGSTOP) }
func (r *redisServer) thaw()           { r.signal(syscall.SIGCONT) }
func (r *redisServer) address() string { return "127.0.0.1:" + strconv.Itoa(r.port) }
func (r *redisServer) url() string     { return "redis://" + r.address() }

func (r *redisServer) signal(signal syscall.Signal) {
	r.t.Helper()
	if err := r.process.Process.Signal(signal); err != nil {
		r.t.Fatal(err)
	}
}

// operator returns a connection such as an operator has.
func (r *redisServer) operator() rueidis.Client {
	r.t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{r.address()}, ForceSingleClient: true, DisableCache: true, PipelineMultiplex: -1,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

// do sends a command as an operator would.
func (r *redisServer) do(words ...string) rueidis.RedisResult {
	r.t.Helper()
	client := r.operator()
	defer client.Close()
	result := client.Do(r.t.Context(), client.B().Arbitrary(words...).Build())
	if err := result.Error(); err != nil && !rueidis.IsRedisNil(err) {
		r.t.Fatalf("%s: %v", words[0], err)
	}
	return result
}

// names returns what there is in Redis.
func (r *redisServer) names() []string {
	r.t.Helper()
	names, err := r.do("KEYS", "*").AsStrSlice()
	if err != nil {
		r.t.Fatal(err)
	}
	return names
}
