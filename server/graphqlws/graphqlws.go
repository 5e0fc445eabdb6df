// Package graphqlws is the way in of GraphQL over WebSocket: the subprotocol
// graphql-transport-ws, for subscriptions, queries and mutations.
package graphqlws

import (
	"errors"
	"net/http"
	"time"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
)

// Subprotocol is the name of the one subprotocol that is spoken.
const Subprotocol = "graphql-transport-ws"

// Codes of errors that are this package's own.
const (
	CodeUpgradeRefused    = "WEBSOCKET_UPGRADE_REFUSED"
	CodeOriginRefused     = "ORIGIN_NOT_ALLOWED"
	CodeTooManyOperations = "TOO_MANY_OPERATIONS"
	CodeShuttingDown      = "SHUTTING_DOWN"
)

// Options are the settings of a Transport. Caller is required; zero values of all others
// mean the defaults.
type Options struct {
	// Caller returns the caller whose requests have header. The header is that of the upgrade,
	// with the token that connection_init brings.
	Caller func(header http.Header) graph.Caller
	// Documents finds documents that are named and not sent; nil for none.
	Documents graphqlhttp.Documents
	// Origins are the origins whose pages may connect besides the server's own, such as
	// "https://app.example.com"; "*" is any. Clients that are no browsers send none.
	Origins []string
	// Credentials lets pages of these origins, which are not the server's own, send cookies and
	// whatever else a browser adds by itself.
	Credentials bool

	InitTimeout      time.Duration // until connection_init; 3 s
	KeepAlive        time.Duration // between pings, and until the answer to one; 15 s
	ReadTimeout      time.Duration // for a message, from its first byte; 10 s
	WriteTimeout     time.Duration // for a message; one who reads more slowly is cut off; 10 s
	OperationTimeout time.Duration // for a query or mutation; 30 s
	MaxMessage       int           // bytes of a message; 1 MiB
	MaxOperations    int           // of a connection at the same time; 50
}

// complete fills in the defaults.
func (o *Options) complete() error {
	if o.Caller == nil {
		return errors.New("graphqlws: nobody says who calls")
	}
	for _, setting := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&o.InitTimeout, 3 * time.Second},
		{&o.KeepAlive, 15 * time.Second},
		{&o.ReadTimeout, 10 * time.Second},
		{&o.WriteTimeout, 10 * time.Second},
		{&o.OperationTimeout, 30 * time.Second},
	} {
		switch {
		case *setting.value < 0:
			return errors.New("graphqlws: a time must not be negative")
		case *setting.value == 0:
			*setting.value = setting.fallback
		}
	}
	for _, setting := range []struct {
		value    *int
		fallback int
	}{
		{&o.MaxMessage, 1 << 20},
		{&o.MaxOperations, 50},
	} {
		switch {
		case *setting.value < 0:
			return errors.New("graphqlws: a limit must not be negative")
		case *setting.value == 0:
			*setting.value = setting.fallback
		}
	}
	return nil
}
