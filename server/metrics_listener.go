package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
)

// serveMetrics serves handler at an address of its own until stop is called, which waits
// for that. Without an address it serves nobody.
func serveMetrics(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	logger.LogAttrs(ctx, slog.LevelInfo, "serving metrics", slog.String("address", listener.Addr().String()))
	server := newServer(handler, 0, logger)
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
