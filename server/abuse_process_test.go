package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// attacked is a server in a process of its own, so that its CPU and memory are nobody else's.
type attacked struct {
	address string
	token   string // of a viewer, who may be the attacker
	process *exec.Cmd
	log     *watchedLog
	logged  chan struct{} // closed when the process writes no more
	ended   bool
}

func (a *attacked) url() string { return "http://" + a.address + "/graphql" }

// build builds a program of the package in folder and returns its file.
func build(t *testing.T, folder, name string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name)
	command := exec.CommandContext(t.Context(), "go", "build", "-C", folder, "-o", binary, ".")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", folder, err, output)
	}
	return binary
}

// startProcess starts a server with nothing but env in its environment, and kills it at the end.
func startProcess(t *testing.T, env []string, command ...string) *attacked {
	t.Helper()
	a := &attacked{log: newWatchedLog(), logged: make(chan struct{})}
	a.process = exec.CommandContext(t.Context(), command[0], command[1:]...)
	a.process.Env = env
	stderr, err := a.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(a.logged)
		for lines := bufio.NewReader(stderr); ; {
			line, err := lines.ReadBytes('\n')
			_, _ = a.log.Write(line)
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(a.kill)
	return a
}

// startGateway starts the program and waits until it listens.
func startGateway(t *testing.T, binary, token string, env ...string) *attacked {
	t.Helper()
	a := startProcess(t, append(env, "CRMGRAPH_LISTEN=127.0.0.1:0"), binary)
	a.token = token
	select {
	case a.address = <-a.log.address:
	case <-a.logged:
		t.Fatalf("the program ended:\n%s", a.log)
	}
	return a
}

// end has the process end as an operator would and returns how it did.
func (a *attacked) end() error {
	if err := a.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-a.logged
	a.ended = true
	return a.process.Wait()
}

func (a *attacked) kill() {
	if a.ended {
		return
	}
	_ = a.process.Process.Kill()
	<-a.logged
	_ = a.process.Wait() // its status says no more than that it was killed
	a.ended = true
}

// cpu returns the time that the process has had on a processor.
func (a *attacked) cpu(t *testing.T) time.Duration {
	t.Helper()
	spent, err := processTime(a.process.Process.Pid)
	if err != nil {
		t.Fatalf("CPU clock: %v\n%s", err, lastLines(a.log))
	}
	return spent
}

// memory is what a process has in memory now, and the most it has had, in bytes.
type memory struct{ now, peak int64 }

func (a *attacked) memory(t *testing.T) memory {
	t.Helper()
	status, err := os.ReadFile(a.proc("status"))
	if err != nil {
		t.Fatal(err)
	}
	return memory{kibibytes(t, status, "VmRSS:"), kibibytes(t, status, "VmHWM:")}
}

func kibibytes(t *testing.T, status []byte, name string) int64 {
	t.Helper()
	_, after, found := bytes.Cut(status, []byte(name))
	if !found {
		t.Fatalf("the kernel tells no %s", name)
	}
	n, err := strconv.ParseInt(strings.Fields(string(after))[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// forgetPeak makes what the process has in memory now the most it has had.
func (a *attacked) forgetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(a.proc("clear_refs"), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

func (a *attacked) proc(file string) string {
	return fmt.Sprintf("/proc/%d/%s", a.process.Process.Pid, file)
}

// lastLines are the end of a log, which tells why a process ended.
func lastLines(log fmt.Stringer) string {
	text := log.String()
	return text[max(0, len(text)-2000):]
}
