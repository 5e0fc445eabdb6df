package main

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"crmgraph/graph"
	"crmgraph/upstream"
)

// gcPercent lets the heap grow to four times what lives in it before it is collected: a
// gateway's live heap is small, and with Go's 100 the collector had 12 to 15 % of the
// samples in profiles of the dashboard query, client and emulated CRMs included.
const gcPercent = 300

// memoryLimitFiles are where the kernel tells a container's limit, in its two versions.
func memoryLimitFiles() []string {
	return []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
}

// tuneMemory sets the collector's pace, and the limit of memory from the container's.
// GOGC and GOMEMLIMIT, where they are set, win.
func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") != "" {
		return
	}
	for _, name := range memoryLimitFiles() {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if limit, ok := memoryLimit(string(text)); ok {
			debug.SetMemoryLimit(limit)
			return
		}
	}
}

// unlimited is from where on the kernel's older version means no limit.
const unlimited = 1 << 60

// memoryLimit reads a container's limit and leaves a tenth of it for what is no heap.
func memoryLimit(text string) (limit int64, ok bool) {
	bytes, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || bytes <= 0 || bytes >= unlimited {
		return 0, false
	}
	return bytes / 10 * 9, true
}

// newMemory returns what operations under way may take of the memory that Go is limited to; nil
// where it is not.
func newMemory(c *Config) *graph.Memory {
	limit, ok := goLimit()
	if !ok {
		return nil
	}
	return graph.NewMemory(memoryOfOperations(limit, int64(c.Cache.Size)+int64(c.Request.QueryCache)))
}

// newLargeAnswers returns how many large answers of CRMs may be in memory at a time; nil where
// that is not limited. They have a quarter of it, and what is made of one is taken to be as large.
func newLargeAnswers(c *Config) *upstream.LargeAnswers {
	limit, ok := goLimit()
	if !ok {
		return nil
	}
	return upstream.NewLargeAnswers(limit / 4 / (2 * int64(c.Upstream.MaxBody)))
}

// goLimit returns the limit of Go's memory.
func goLimit() (bytes int64, ok bool) {
	bytes = debug.SetMemoryLimit(-1)
	return bytes, bytes != math.MaxInt64
}

// memoryOfOperations is half of what is not for what is kept: the collector needs room, too.
func memoryOfOperations(limit, kept int64) int64 {
	const least = 8 // of the limit, as a part
	return max((limit-kept)/2, limit/least)
}
