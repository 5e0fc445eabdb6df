package resilience

import (
	"maps"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// latency knows how long the calls of one operation take: a histogram of the last few
// hundred answers, of which older ones fade. It is at most an eighth too high.
type latency struct {
	medianNanos atomic.Int64 // 0 until there are minAnswers
	p95Nanos    atomic.Int64

	mu      sync.Mutex
	answers int
	buckets [latencyBuckets]uint16
}

const (
	minAnswers = 50  // before anything is known, and between two looks at the histogram
	maxAnswers = 800 // when all counts are halved
	// A bucket for each value of the three bits after the leading one, of microseconds up
	// to two minutes.
	latencyBuckets = 8 * 25
)

// median returns what half of the answers take at most, 0 when it is not known yet.
func (l *latency) median() time.Duration { return time.Duration(l.medianNanos.Load()) }

// p95 returns what 95 of 100 answers take at most, and whether that is known yet.
func (l *latency) p95() (time.Duration, bool) {
	p95 := time.Duration(l.p95Nanos.Load())
	return p95, p95 != 0
}

// observe learns how long an answer took.
func (l *latency) observe(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets[bucketOf(took)]++
	l.answers++
	if l.answers%minAnswers != 0 {
		return
	}
	l.medianNanos.Store(int64(l.quantile(l.answers / 2)))
	l.p95Nanos.Store(int64(l.quantile(l.answers * 95 / 100)))
	if l.answers >= maxAnswers {
		l.fade()
	}
}

// quantile returns what the given number of answers took at most.
func (l *latency) quantile(answers int) time.Duration {
	for i, count := range l.buckets {
		if answers -= int(count); answers <= 0 {
			return endOf(i)
		}
	}
	return endOf(latencyBuckets - 1)
}

func (l *latency) fade() {
	l.answers = 0
	for i := range l.buckets {
		l.buckets[i] /= 2
		l.answers += int(l.buckets[i])
	}
}

// bucketOf returns the bucket of a duration: its leading bit says which eight, the next
// three bits which of these.
func bucketOf(d time.Duration) int {
	micros := uint64(max(0, d.Microseconds()))
	if micros < 8 {
		return int(micros)
	}
	shift := bits.Len64(micros) - 4
	return min(8*(shift+1)+int(micros>>shift&7), latencyBuckets-1)
}

// endOf returns the duration at which a bucket ends.
func endOf(bucket int) time.Duration {
	if bucket < 8 {
		return time.Duration(bucket+1) * time.Microsecond
	}
	return time.Duration(bucket%8+9) << (bucket/8 - 1) * time.Microsecond
}

// latencies has the latency of each operation. There are few of them, so that the map is
// soon complete and read without a lock.
type latencies struct {
	byOperation atomic.Pointer[map[string]*latency]
	mu          sync.Mutex
}

func (l *latencies) of(operation string) *latency {
	if known := l.byOperation.Load(); known != nil {
		if found := (*known)[operation]; found != nil {
			return found
		}
	}
	return l.add(operation)
}

func (l *latencies) add(operation string) *latency {
	l.mu.Lock()
	defer l.mu.Unlock()
	more := make(map[string]*latency)
	if known := l.byOperation.Load(); known != nil {
		if found := (*known)[operation]; found != nil {
			return found
		}
		maps.Copy(more, *known)
	}
	added := new(latency)
	more[operation] = added
	l.byOperation.Store(&more)
	return added
}
