// Command baseline answers the four queries of the bench, and nothing else, with the least
// CPU that Go was found to need for it: sockets, a fast JSON decoder into typed structs, and
// answers appended by hand. It makes the upstream calls that crmgraph makes and writes the
// bytes that crmgraph writes, but knows only the happy path, only one dialect of the CRMs, and
// leaves verifying the viewer's token to ProPortal.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime/debug"
)

// gcPercent is what crmgraph sets, so that the two are compared on equal terms.
const gcPercent = 300

func main() {
	debug.SetGCPercent(gcPercent)
	fmt.Fprintln(os.Stderr, "baseline:", run(context.Background()))
	os.Exit(1)
}

// run serves until something fails.
func run(ctx context.Context) error {
	crms, err := newCRMs(os.Getenv)
	if err != nil {
		return err
	}
	answers, err := newAnswers()
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", os.Getenv("CRMGRAPH_LISTEN"))
	if err != nil {
		return err
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			if err := serve(ctx, socket, crms, answers); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}()
	}
}
