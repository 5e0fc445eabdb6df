package shared

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/redis/rueidis"

	"crmgraph/upstream/cache"
)

// waitingNews is how many messages may wait to be told. More are a gap.
const waitingNews = 256

// news brings messages of other replicas to whoever keeps answers in memory. Receiving never
// waits for the telling, since answers come over the same connection.
type news struct {
	messages chan string
	gaps     chan struct{}
	onPurge  func(cache.Purge)
	onGap    func()
}

func newNews(onPurge func(cache.Purge), onGap func()) news {
	n := news{messages: make(chan string, waitingNews), gaps: make(chan struct{}, 1), onPurge: onPurge, onGap: onGap}
	if n.onPurge == nil {
		n.onPurge = func(cache.Purge) {}
	}
	if n.onGap == nil {
		n.onGap = func() {}
	}
	return n
}

func (n *news) receive(message rueidis.PubSubMessage) {
	select {
	case n.messages <- message.Message:
	default:
		n.gap()
	}
}

// gap notes that messages may have been missed. One note stands for all before it.
func (n *news) gap() {
	select {
	case n.gaps <- struct{}{}:
	default:
	}
}

// tellNews tells of purges and gaps until ctx ends.
func (s *Shared) tellNews(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.news.gaps:
			s.tellGap()
		case message := <-s.news.messages:
			s.tellMessage(message)
		}
	}
}

func (s *Shared) tellGap() {
	s.counters.gaps.Add(1)
	s.writes.purges.Add(1)
	s.news.onGap()
}

// tellMessage passes on a purge of another replica. One that cannot be read may be about
// anything.
func (s *Shared) tellMessage(text string) {
	message, err := s.decodeNews(s.names.purges(), []byte(text))
	switch {
	case err != nil || message.Purge == (cache.Purge{}):
		s.counters.unreadable.Add(1)
		s.tellGap()
	case message.From != s.replica:
		s.counters.purges.Add(1)
		s.writes.purges.Add(1)
		s.news.onPurge(message.Purge)
	}
}

// message is what replicas tell each other.
type message struct {
	From  string      `json:"from"`
	Purge cache.Purge `json:"purge"`
}

func (s *Shared) encodeNews(channel string, purge cache.Purge) ([]byte, error) {
	body, err := json.Marshal(message{From: s.replica, Purge: purge})
	if err != nil {
		return nil, err
	}
	return s.codec.seal(channel, value{at: time.Now(), body: body}), nil
}

func (s *Shared) decodeNews(channel string, sealed []byte) (message, error) {
	found, err := s.codec.open(channel, sealed)
	if err != nil {
		return message{}, err
	}
	// Another version may mean by a field it adds that more is to be forgotten.
	decoder := json.NewDecoder(bytes.NewReader(found.body))
	decoder.DisallowUnknownFields()
	var m message
	err = decoder.Decode(&m)
	return m, err
}
