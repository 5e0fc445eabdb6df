package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
)

// asideTimeout is how long such a request may take; a purge is the longest.
const asideTimeout = purgeTimeout

// serveAside serves handler at an address of its own until stop is called, which waits
// for that. Without an address it serves nobody. The log says what is served.
func serveAside(ctx context.Context, what, address string, handler http.Handler, logger *slog.Logger) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	logger.LogAttrs(ctx, slog.LevelInfo, what, slog.String("address", listener.Addr().String()))
	server := newServer(handler, asideTimeout, logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	return func() error {
		err := server.Close()
		if failure := <-failed; !errors.Is(failure, http.ErrServerClosed) {
			err = errors.Join(err, failure)
		}
		return err
	}, nil
}
