// Command crmgraph serves one GraphQL API over two CRMs, ProPortal and solOS. Without
// any configuration it runs on emulated ones. See crmgraph --help.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	// Zones are needed where the system has none, as in a container image from scratch.
	_ "time/tzdata"
)

func main() {
	tuneMemory(os.Getenv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on the default is back, so that a second one ends a shutdown.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "crmgraph:", err)
		os.Exit(1)
	}
}
