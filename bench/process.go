package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a program that runs until it is stopped.
type process struct {
	cmd *exec.Cmd
	log string // file that has what it writes to standard error
}

// startProcess starts a program with nothing but env in its environment. Its standard
// output goes to stdout, if that is not nil, its standard error to a file below dir.
func startProcess(ctx context.Context, dir, name string, command, env []string, stdout *os.File) (*process, error) {
	p := &process{log: filepath.Join(dir, name+".log")}
	stderr, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stderr.Close() }() // the process has its own
	p.cmd = exec.CommandContext(ctx, command[0], command[1:]...)
	p.cmd.Env, p.cmd.Stderr = env, stderr
	if stdout != nil {
		p.cmd.Stdout = stdout
	}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// stop ends the process and waits until it has.
func (p *process) stop() {
	_ = p.cmd.Cancel()
	_ = p.cmd.Wait() // its status says no more than that it was told to end
}

// cpu returns the time that all threads of the process, ended ones included, have had on
// a CPU in user and system mode, to the nanosecond: the process's own CPU clock.
func (p *process) cpu() (time.Duration, error) {
	const sched = 2 // CPUCLOCK_SCHED of the whole process, see clock_getcpuclockid(3)
	clock := int32(^p.cmd.Process.Pid)<<3 | sched
	var at unix.Timespec
	if err := unix.ClockGettime(clock, &at); err != nil {
		return 0, fmt.Errorf("CPU clock: %w", err)
	}
	return time.Duration(at.Nano()), nil
}

// memory returns what the process has in memory now and the most it ever had, in bytes.
func (p *process) memory() (resident, peak int64, err error) {
	status, err := os.ReadFile(p.proc("status"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		switch fields := strings.Fields(line); fields[0] {
		case "VmRSS:":
			resident, err = strconv.ParseInt(fields[1], 10, 64)
		case "VmHWM:":
			peak, err = strconv.ParseInt(fields[1], 10, 64)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return resident << 10, peak << 10, nil
}

// forgetPeak makes what the process has in memory now the most it ever had.
func (p *process) forgetPeak() error { return os.WriteFile(p.proc("clear_refs"), []byte("5"), 0) }

func (p *process) proc(file string) string {
	return filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), file)
}

// freeAddress returns an address of this machine that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// awaitListener returns when somebody listens on address.
func awaitListener(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var dialer net.Dialer
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}
