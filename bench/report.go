package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// print writes the comparison as Markdown.
func (c *comparison) print(out *report) {
	for i, query := range c.queries {
		out.line("\n**%s, %s**\n", query.Name, query.What)
		out.line("| server | CPU ms/request | lowest to highest round | × baseline | p50 / p99 ms%s | allocations/request | upstream calls |", c.lateTitle())
		out.line("|---|--:|--:|--:|--:|%s--:|--:|", strings.Repeat("--:|", c.lateColumns()))
		for k := range c.servers {
			c.printRow(out, i, k)
		}
		out.line("\nUpstream calls: %s. Bytes: %s.", c.calls(i), c.bytes(i))
	}
	out.line("\n| server | peak memory, MiB |\n|---|--:|")
	for k, name := range c.servers {
		out.line("| %s | %d |", name, c.peaks[k]>>20)
	}
}

func (c *comparison) lateColumns() int { return min(len(c.late), 1) }

func (c *comparison) lateTitle() string {
	if len(c.late) == 0 {
		return ""
	}
	return fmt.Sprintf(" | p50 / p99 ms, CRMs take %v", c.latency)
}

func (c *comparison) printRow(out *report, query, server int) {
	s := c.atOnce[query][server]
	cells := []string{
		c.servers[server],
		fmt.Sprintf("%.3f", median(s.cpu)),
		fmt.Sprintf("%.3f to %.3f", slices.Min(s.cpu), slices.Max(s.cpu)),
		c.ratio(query, server),
		percentiles(s.latencies),
	}
	if len(c.late) > 0 {
		cells = append(cells, percentiles(c.late[query][server].latencies))
	}
	cells = append(cells, allocations(median(s.mallocs)), fmt.Sprint(sum(c.agreed[query].calls[server])))
	out.line("| %s |", strings.Join(cells, " | "))
}

// ratio is a server's CPU over that of the baseline, where that is measured too.
func (c *comparison) ratio(query, server int) string {
	limit := slices.Index(c.servers, "baseline")
	if limit < 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", median(c.atOnce[query][server].cpu)/median(c.atOnce[query][limit].cpu))
}

// calls tells which upstream calls the servers make, once for all where they make the same.
func (c *comparison) calls(query int) string {
	calls := c.agreed[query].calls
	if !slices.ContainsFunc(calls, func(other map[string]int) bool { return !maps.Equal(calls[0], other) }) {
		return list(calls[0])
	}
	var told []string
	for k, name := range c.servers {
		told = append(told, name+" "+list(calls[k]))
	}
	return strings.Join(told, "; ")
}

// bytes tells whose answers are the very bytes of the first server's.
func (c *comparison) bytes(query int) string {
	var others []string
	for k, same := range c.agreed[query].sameBytes {
		if !same {
			others = append(others, c.servers[k])
		}
	}
	if len(others) == 0 {
		return "the same from all"
	}
	return "the same JSON, spelled otherwise by " + strings.Join(others, ", ")
}

func list(calls map[string]int) string {
	var parts []string
	for _, call := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%d %s", calls[call], call))
	}
	return strings.Join(parts, ", ")
}

func sum(calls map[string]int) int {
	total := 0
	for _, count := range calls {
		total += count
	}
	return total
}

func percentiles(latencies []time.Duration) string {
	return fmt.Sprintf("%.2f / %.2f", milliseconds(median(latencies)), milliseconds(quantile(latencies, 0.99)))
}

func allocations(count float64) string {
	if count == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", count)
}

// report is where figures are printed. It keeps the first error of its writer.
type report struct {
	out io.Writer
	err error
}

func (r *report) line(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.out, format+"\n", args...)
	}
}
