package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/server/front"
	"crmgraph/server/metrics"
	"crmgraph/server/middleware"
	"crmgraph/upstream/socket"
)

// Limits of a connection. The deadline of a request is configuration.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// writeMargin is how long a client may take to read its answer beyond the deadline of the request.
	writeMargin = 30 * time.Second
)

// weakSecret is the length below which an HS256 key is shorter than its hash.
const weakSecret = 32

// serveCommand serves the API.
type serveCommand struct {
	Config `embed:""`
}

// Run serves until ctx ends, then finishes the running requests.
func (c *serveCommand) Run(ctx context.Context, p *program) (err error) {
	if err := c.complete(p.layers); err != nil {
		return err
	}
	logs := newLogs(p.stderr, c.Log)
	defer logs.flush()
	logger := logs.events
	defer hushLibraries(logger)()
	up, err := connect(&c.Config, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	// Keys are loaded and processors watched to the end: at shutdown requests still come for a while.
	serving := context.WithoutCancel(ctx)
	verifier, stopVerifier, err := up.verifier(serving, &c.Config)
	if err != nil {
		return err
	}
	defer stopVerifier()

	var ready atomic.Bool
	figures := metrics.New()
	shedder := middleware.NewShedder(middleware.ShedOptions{})
	figures.ObserveCalls(metrics.Calls{
		Cache: up.cache, Policies: up.policies, Shared: up.shared, Keeper: up.keeper, Shed: shedder.Shed,
	})
	stopShedding := c.startShedding(serving, shedder)
	defer stopShedding()
	limiter, err := newLimiter(&c.Config, up)
	if err != nil {
		return err
	}
	d := deps{up, verifier, shedder.Middleware, limiter, figures, logger, logs.requests}
	graphQL, err := newGraphQL(&c.Config, d)
	if err != nil {
		return err
	}
	defer graphQL.close()
	handler, err := newHandler(&c.Config, d, graphQL, &ready)
	if err != nil {
		return err
	}
	connections, err := middleware.NewConnections(c.MaxConns)
	if err != nil {
		return err
	}
	// Listening comes first, so that a taken port is an error and not a log line.
	stopMetrics, err := serveAside(ctx, "serving metrics", c.MetricsListen, figures.Handler(), logger)
	if err != nil {
		return err
	}
	// Metrics are served to the end, so that what finishes at shutdown is seen.
	defer func() { err = errors.Join(err, stopMetrics()) }()
	stopAdmin, err := serveAside(ctx, "serving operators", c.Admin.Listen, newAdmin(c.Admin.Token, up, logger), logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAdmin()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	logger.LogAttrs(ctx, slog.LevelInfo, "listening", slog.String("address", listener.Addr().String()))
	if len(up.jwtSecret) > 0 && len(up.jwtSecret) < weakSecret {
		logger.LogAttrs(ctx, slog.LevelWarn, "proportal-jwt-secret is shorter than 32 bytes and may be guessed")
	}
	if up.crms != nil {
		if err := welcome(p.stdout, listener.Addr(), up); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	server := newServer(handler, c.Request.Timeout, logger)
	server.ConnState = connections.State
	server.Protocols = protocols(c.H2C)
	return serveUntil(ctx, front.New(server), connections.Listener(socket.Listen(listener)), &ready, shutdown{c.ShutdownDelay, c.ShutdownGrace, graphQL.drain})
}

// startShedding has shedder watch the processors, if that is wanted, until stop is called.
func (c *serveCommand) startShedding(ctx context.Context, shedder *middleware.Shedder) (stop func()) {
	if !c.Request.Shed {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { shedder.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// newServer returns a server whose requests take no longer than timeout.
func newServer(handler http.Handler, timeout time.Duration, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      timeout + writeMargin,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// protocols returns what a listener without TLS speaks.
func protocols(h2c bool) *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(h2c)
	return &p
}

// connectionServer is an http.Server, or what stands in front of one.
type connectionServer interface {
	Serve(listener net.Listener) error
	Shutdown(ctx context.Context) error
	Close() error
}

// shutdown is how a server ends.
type shutdown struct {
	delay time.Duration               // for which it still serves, and tells that it is not ready
	grace time.Duration               // that running requests have then to finish
	drain func(context.Context) error // ends what is no request
}

// serveUntil serves on listener until ctx ends. Then it is no longer ready, and after a delay it
// accepts nothing new and ends.
func serveUntil(ctx context.Context, server connectionServer, listener net.Listener, ready *atomic.Bool, how shutdown) error {
	ready.Store(true) // connections are taken already, and answered from the next line on
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ready.Store(false)
	if how.delay > 0 {
		select {
		case err := <-failed:
			return err
		case <-time.After(how.delay):
		}
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), how.grace)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- how.drain(ending) }()
	err := server.Shutdown(ending)
	if drainErr := <-drained; drainErr != nil {
		err = errors.Join(err, drainErr)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("requests that still ran after %v were cut off", how.grace), server.Close())
	}
	if failure := <-failed; !errors.Is(failure, http.ErrServerClosed) {
		err = errors.Join(err, failure)
	}
	return err
}

// welcome says where to go when nothing is configured.
func welcome(out io.Writer, listening net.Addr, up *upstreams) error {
	address := listening.String()
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		// Whoever reads it may be outside of a container, and reach one kind of address only.
		address = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	manager := up.crms.ManagerIDs()[0]
	_, err := fmt.Fprintf(out, `No CRM is configured, so emulated ones serve. Open http://%[1]s/ or:

  curl http://%[1]s/graphql -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer %[2]s' \
    -d '{"query":"{ viewer { id } portfolio(first: 5) { nodes { name } } }"}'
`, address, up.crms.Token(manager))
	return err
}
