package shared

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"crmgraph/upstream"
)

const (
	// queuedPuts and queuedBytes bound what waits to be written. The rest of the queue's room
	// is for removals.
	queuedPuts   = 1024
	queuedBytes  = 16 << 20
	queueLength  = 2 * queuedPuts
	writesAtOnce = 64
	// writeTimeout bounds what nobody waits for, unless calls wait longer.
	writeTimeout = time.Second
)

// write is an answer to be stored or, without a body, a name to be removed.
type write struct {
	name     string
	body     *upstream.Body
	at       time.Time
	notFound bool
	keep     time.Duration
	purges   int64 // how many there had been when it was queued
}

func (w *write) size() int64 {
	if w.body == nil {
		return 0
	}
	return int64(len(w.body.Bytes()))
}

// writes is the queue of one writer, which keeps the order.
type writes struct {
	queue  chan write
	bytes  atomic.Int64
	purges atomic.Int64

	writing sync.Mutex // held while a batch is on its way
}

func newWrites() writes { return writes{queue: make(chan write, queueLength)} }

// enqueue leaves w to the writer, or drops it if too much waits.
func (s *Shared) enqueue(w write) {
	q := &s.writes
	w.purges = q.purges.Load()
	size := w.size()
	if q.bytes.Add(size) <= queuedBytes && (w.body == nil || len(q.queue) < queuedPuts) {
		select {
		case q.queue <- w:
			return
		default:
		}
	}
	q.bytes.Add(-size)
	s.counters.overflowed.Add(1)
	s.abandon(w, NoAnswer)
}

// abandon gives up on a write for now.
func (s *Shared) abandon(w write, reason Reason) {
	if w.body == nil {
		s.owe(w.name, reason)
	}
	w.body.Release()
}

// forgetQueued keeps answers that wait to be written, and may be older than a purge, from being
// written after it.
func (s *Shared) forgetQueued() {
	s.writes.purges.Add(1)
	s.writes.writing.Lock()
	defer s.writes.writing.Unlock()
}

// writeQueued writes what is queued until ctx ends.
func (s *Shared) writeQueued(ctx context.Context) {
	batch := make([]write, 0, writesAtOnce)
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-s.writes.queue:
			batch = append(batch[:0], w)
		}
		for more := true; more && len(batch) < writesAtOnce; {
			select {
			case w := <-s.writes.queue:
				batch = append(batch, w)
			default:
				more = false
			}
		}
		s.writeBatch(ctx, batch)
	}
}

func (s *Shared) writeBatch(ctx context.Context, batch []write) {
	s.writes.writing.Lock()
	defer s.writes.writing.Unlock()
	l := s.live.Load()
	if l == nil {
		for _, w := range batch {
			s.writes.bytes.Add(-w.size())
			s.abandon(w, Unreachable)
		}
		s.counters.notAsked.Add(int64(len(batch)))
		return
	}
	sent := make([]write, 0, len(batch))
	commands := make(rueidis.Commands, 0, len(batch))
	for _, w := range batch {
		s.writes.bytes.Add(-w.size())
		switch {
		case w.body == nil:
			commands = append(commands, l.client.B().Unlink().Key(w.name).Build())
		case w.purges == s.writes.purges.Load():
			sealed := s.codec.seal(w.name, value{at: w.at, notFound: w.notFound, body: w.body.Bytes()})
			commands = append(commands, l.client.B().Set().Key(w.name).Value(rueidis.BinaryString(sealed)).Px(w.keep).Build())
		default:
			w.body.Release()
			continue
		}
		sent = append(sent, w)
	}
	limited, cancel := context.WithTimeout(ctx, max(writeTimeout, s.timeout))
	defer cancel()
	for i, result := range l.client.DoMulti(limited, commands...) {
		s.written(ctx, l, sent[i], result.Error())
	}
}

func (s *Shared) written(ctx context.Context, l *link, w write, err error) {
	kind := writing
	if w.body == nil {
		kind = removing
	}
	if !s.judge(ctx, l, kind, err) {
		s.abandon(w, reasonOf(err))
		return
	}
	if w.body != nil {
		s.counters.stored.Add(1)
		w.body.Release()
	}
}
