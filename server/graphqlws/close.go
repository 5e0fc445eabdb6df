package graphqlws

import "github.com/coder/websocket"

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

// duplicate closes a connection whose client uses an id twice. The protocol has the reason
// name the id.
func duplicate(id string) *closing {
	if len(id) > maxID {
		id = "this id"
	}
	return &closing{closeDuplicate, "Subscriber for " + id + " already exists"}
}
