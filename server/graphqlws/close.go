package graphqlws

import (
	"errors"
	"fmt"
	"math"

	"github.com/coder/websocket"

	"crmgraph/server/ratelimit"
	"crmgraph/upstream"
)

// The codes with which the protocol closes a connection.
const (
	closeInvalid     = websocket.StatusCode(4400)
	closeNoAck       = websocket.StatusCode(4401)
	closeForbidden   = websocket.StatusCode(4403)
	closeSubprotocol = websocket.StatusCode(4406)
	closeInitTimeout = websocket.StatusCode(4408)
	closeDuplicate   = websocket.StatusCode(4409)
	closeInitTwice   = websocket.StatusCode(4429)
)

// maxID is how much of an operation's id the reason of a close has room for.
const maxID = 80

// closing is why a connection is closed.
type closing struct {
	code   websocket.StatusCode
	reason string
}

// turnedAway closes a connection that nobody is let in by, and says for how long where that is
// known.
func turnedAway(err error) *closing {
	var exceeded *ratelimit.ExceededError
	switch {
	case errors.Is(err, upstream.Unauthenticated):
		return &closing{closeForbidden, "Forbidden"}
	case errors.As(err, &exceeded):
		seconds := math.Ceil(exceeded.Retry.Seconds())
		return &closing{websocket.StatusTryAgainLater, fmt.Sprintf("Too much was asked for in a short time; try again in %.0f s", seconds)}
	default:
		return &closing{websocket.StatusTryAgainLater, "Nobody can tell now whether the token is good"}
	}
}

// duplicate closes a connection whose client uses an id twice. The protocol has the reason
// name the id.
func duplicate(id string) *closing {
	if len(id) > maxID {
		id = "this id"
	}
	return &closing{closeDuplicate, "Subscriber for " + id + " already exists"}
}
