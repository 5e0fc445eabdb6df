package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine names the machine and the versions that figures depend on.
func machine(ctx context.Context) string {
	said := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		if err != nil {
			return name + " not found"
		}
		return strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%s, %d cores; Linux %s; %s; Node %s",
		cpuModel(), runtime.NumCPU(), said("uname", "-r"), said("go", "env", "GOVERSION"), said("node", "--version"))
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	_, rest, _ := strings.Cut(string(info), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(strings.TrimLeft(line, "\t: "))
}
