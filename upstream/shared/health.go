package shared

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// State says whether Redis is asked.
type State string

// The states of the connection.
const (
	Connecting State = "connecting" // not connected since the start
	Up         State = "up"
	Down       State = "down" // not asked until it answers again
)

// Reason says in fixed words what the matter is.
type Reason string

// The reasons why Redis is down or, while it is up, does only part of its work.
const (
	Unreachable     Reason = "cannot be reached"
	BadCertificate  Reason = "its certificate is not accepted"
	ConnectionLost  Reason = "the connection was lost"
	NoAnswer        Reason = "does not answer in time"
	Loading         Reason = "is loading its data"
	AccessRefused   Reason = "refuses access"
	MemoryFull      Reason = "its memory is full"
	WritesRefused   Reason = "refuses writes"
	CommandsRefused Reason = "refuses commands"
)

// Health is how Redis is doing.
type Health struct {
	State  State
	Since  time.Time // of the state
	Reason Reason    // "" where all is well
}

// Health returns how Redis is doing. Its Reason while it is up is that it refuses something:
// with its memory full, for one, it still finds what it has.
func (s *Shared) Health() Health { return s.health.now() }

// command tells apart what Redis may refuse separately.
type command int

const (
	reading command = iota
	writing
	removing
	kindsOfCommand
)

// health is set by the goroutine that keeps the connection; refusals are noted by anybody.
type health struct {
	mu      sync.Mutex
	current Health

	refusals [kindsOfCommand]atomic.Pointer[Reason]
}

func newHealth() health {
	return health{current: Health{State: Connecting, Since: time.Now()}}
}

func (h *health) now() Health {
	h.mu.Lock()
	current := h.current
	h.mu.Unlock()
	if current.State == Up {
		for i := range h.refusals {
			if reason := h.refusals[i].Load(); reason != nil {
				current.Reason = *reason
			}
		}
	}
	return current
}

// become reports whether the state is another one now.
func (h *health) become(state State, reason Reason) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current.Reason = reason
	if h.current.State == state {
		return false
	}
	h.current.State, h.current.Since = state, time.Now()
	return true
}

// refused reports whether the reason is news.
func (h *health) refused(kind command, reason Reason) bool {
	before := h.refusals[kind].Swap(&reason)
	return before == nil || *before != reason
}

// accepted reports whether that is news.
func (h *health) accepted(kind command) bool {
	return h.refusals[kind].Load() != nil && h.refusals[kind].Swap(nil) != nil
}

// reasonOf puts err into fixed words. What errors say themselves may name hosts.
func reasonOf(err error) Reason {
	var certificate *tls.CertificateVerificationError
	var dialing *net.OpError
	var timeout net.Error
	switch code, isReply := replyCode(err); {
	case isReply:
		return reasonOfReply(code)
	case errors.As(err, &certificate):
		return BadCertificate
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return NoAnswer
	case errors.As(err, &dialing) && dialing.Op == "dial":
		return Unreachable
	default:
		return ConnectionLost
	}
}

func reasonOfReply(code string) Reason {
	switch code {
	case "OOM":
		return MemoryFull
	case "LOADING":
		return Loading
	case "NOAUTH", "WRONGPASS", "NOPERM":
		return AccessRefused
	case "READONLY", "MISCONF", "NOREPLICAS":
		return WritesRefused
	default:
		return CommandsRefused
	}
}

// replyCode returns the first word of what Redis answered, if err is an answer of it.
func replyCode(err error) (string, bool) {
	var reply *rueidis.RedisError
	if !errors.As(err, &reply) {
		return "", false
	}
	code, _, _ := strings.Cut(reply.Error(), " ")
	return code, true
}
