package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

// checkLine has slog say what the line of a record is to be.
func checkLine(t *testing.T, r slog.Record) {
	t.Helper()
	got, want := newWatchedLog(), newWatchedLog()
	logs := newLogs(got, LogConfig{Format: "json"})
	for _, handler := range []slog.Handler{logs.requests.Handler(), slog.NewJSONHandler(want, nil)} {
		if err := handler.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	logs.flush()
	if got, want := got.String(), want.String(); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestLinesOfRequestsAreSlogs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 7, 5, 9, 120_000_000, time.FixedZone("", 3*60*60))
	attrs := map[string][]slog.Attr{
		"none":                 nil,
		"an empty one":         {{}, slog.Int("a", 1), {}},
		"texts":                {slog.String("path", "/graphql"), slog.String("", ""), slog.String("long", strings.Repeat("x", 2*usualLine))},
		"text with an escape":  {slog.Int("a", 1), slog.String("path", `/"\<&>`+"\x00\n\x7f")},
		"text beyond ASCII":    {slog.String("path", "/проекты\u2028\xff")},
		"name with an escape":  {slog.Int(`"`, 1)},
		"numbers":              {slog.Int("a", 0), slog.Int64("b", math.MinInt64), slog.Float64("c", 0.1), slog.Float64("d", -12345.678)},
		"numbers without end":  {slog.Float64("a", 1.0/3), slog.Float64("b", 1e-6), slog.Float64("c", 999999999999999868928)},
		"numbers in exponents": {slog.Float64("a", 1e-7), slog.Float64("b", 1e21), slog.Float64("c", -5e-324)},
		"no numbers":           {slog.Float64("a", math.NaN()), slog.Float64("b", math.Inf(-1))},
		"minus nothing":        {slog.Float64("a", math.Copysign(0, -1))},
		"other kinds": {
			slog.Bool("a", true), slog.Duration("b", time.Second), slog.Time("c", now), slog.Uint64("d", math.MaxUint64),
			slog.Any("e", errors.New("x")), slog.Any("f", nil), slog.Group("g", slog.Int("h", 1)), slog.Any("i", []int{1}),
		},
	}
	for name, attrs := range attrs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := slog.NewRecord(now, slog.LevelInfo, "request", 0)
			r.AddAttrs(attrs...)
			checkLine(t, r)
		})
	}
	records := map[string]slog.Record{
		"no time":             slog.NewRecord(time.Time{}, slog.LevelInfo, "request", 0),
		"time in UTC":         slog.NewRecord(now.UTC(), slog.LevelInfo, "request", 0),
		"time of the clock":   slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0),
		"a year of five":      slog.NewRecord(now.AddDate(8000, 0, 0), slog.LevelInfo, "request", 0),
		"a year before all":   slog.NewRecord(now.AddDate(-3000, 0, 0), slog.LevelInfo, "request", 0),
		"another level":       slog.NewRecord(now, slog.LevelWarn+1, "request", 0),
		"message with a line": slog.NewRecord(now, slog.LevelInfo, "a\nb", 0),
	}
	for name, r := range records {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkLine(t, r)
		})
	}
}

// TestNumbersAreJSON has encoding/json say what numbers look like, as slog does.
func TestNumbersAreJSON(t *testing.T) {
	t.Parallel()
	numbers := []float64{0, 0.0005, 0.9999, 1e11, 1e12, 1e15, 1e20, 1<<53 + 2, 999999999999.9995}
	for thousandths := range 20_000 {
		number := float64(thousandths) / 1000
		numbers = append(numbers, number, math.Nextafter(number, 1e9), number*1e6, number*1e9)
	}
	for _, number := range numbers {
		want, err := json.Marshal(number)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := appendNumber(nil, number); ok && string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, ok := appendNumber(nil, -number); ok && number != 0 && string(got) != "-"+string(want) {
			t.Errorf("got %s, want -%s", got, want)
		}
	}
	if _, ok := appendNumber(nil, 12.345); !ok {
		t.Error("a usual time is left to slog")
	}
}

func TestLinesOfRequestsHaveALevel(t *testing.T) {
	t.Parallel()
	out := newWatchedLog()
	logs := newLogs(out, LogConfig{Format: "json", Level: slog.LevelWarn})
	logs.requests.Info("request")
	logs.requests.With("a", 1).Warn("request")
	logs.flush()
	if got, want := out.String(), `"level":"WARN","msg":"request","a":1}`+"\n"; !strings.HasSuffix(got, want) || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q, want one line that ends in %q", got, want)
	}
}

// BenchmarkRequestLine is what the line of a request costs, and what it would with slog's own handler.
func BenchmarkRequestLine(b *testing.B) {
	logs := newLogs(io.Discard, LogConfig{Format: "json"})
	for name, handler := range map[string]slog.Handler{
		"ours": logs.requests.Handler(),
		"slog": slog.NewJSONHandler(patientLines{logs}, nil),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				r := slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0)
				r.AddAttrs(slog.String("method", "POST"), slog.String("path", "/graphql"), slog.Int("status", 200),
					slog.Int("bytes", i), slog.Float64("duration_ms", float64(i)/1000), slog.String("request_id", "abc"))
				_ = handler.Handle(b.Context(), r)
			}
		})
	}
}
