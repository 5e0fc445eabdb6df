package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// commandLine lists the commands.
type commandLine struct {
	Help bool `short:"h" help:"Show this help."`

	Serve       serveCommand       `cmd:"" default:"withargs" help:"Serve the GraphQL API. This is the default; with no settings at all it runs on emulated CRMs."`
	Sandbox     sandboxCommand     `cmd:"" help:"Run both emulated CRMs alone, for other programs to use."`
	Explain     explainCommand     `cmd:"" help:"Print the upstream calls an operation makes at most, without making any."`
	Cache       cacheCommand       `cmd:"" help:"Have a running server forget answers it keeps."`
	Config      configCommand      `cmd:"" help:"Check the configuration and print it, secrets redacted."`
	Manifest    manifestCommand    `cmd:"" help:"Check the documents that clients are built with."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server on this machine whether it is alive; for container health checks."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

func groups() []kong.Group {
	return []kong.Group{
		{Key: "server", Title: "Server:"},
		{Key: "documents", Title: "Documents:"},
		{Key: "clients", Title: "Clients:"},
		{Key: "live", Title: "WebSockets, streams and subscriptions:"},
		{Key: "cache", Title: "Kept answers:"},
		{Key: "admin", Title: "Operators:"},
		{Key: "proportal", Title: "ProPortal:"},
		{Key: "auth", Title: "Clients' tokens, in the mode service:"},
		{Key: "solos", Title: "solOS:"},
		{Key: "sandbox", Title: "Emulated CRMs, while neither URL is given:"},
		{Key: "addresses", Title: "Addresses:"},
		{Key: "answers", Title: "Answers:"},
		{Key: "sizes", Title: "Sizes, 0 for none:"},
	}
}

// newParser returns the parser that fills line; values that are not on the command
// line come from layers.
func newParser(line *commandLine, layers *settings, stdout, stderr io.Writer) (*kong.Kong, error) {
	parser, err := kong.New(line,
		kong.Name("crmgraph"),
		kong.Description("One GraphQL API over two CRMs, ProPortal and solOS."),
		kong.NoDefaultHelp(),
		kong.ExplicitGroups(groups()),
		kong.Resolvers(layers),
		kong.Vars{"listen": defaultListen},
		kong.Writers(stdout, stderr),
	)
	if err != nil {
		return nil, err
	}
	layers.known = settingsOf(parser)
	return parser, nil
}

// settingsOf returns the flags that are settings of the server, by name.
func settingsOf(parser *kong.Kong) map[string]*kong.Flag {
	known := make(map[string]*kong.Flag)
	for _, command := range parser.Model.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			known[flag.Name] = flag
		}
	}
	return known
}

// printHelp prints the help of the selected command. Where no command is named, that is
// the commands, then the settings, which belong to the default command.
func printHelp(trace *kong.Context, layers *settings, named bool) error {
	options := kong.HelpOptions{Compact: true, NoExpandSubcommands: true, ValueFormatter: layers.describe}
	if !named {
		program := *trace
		program.Path = trace.Path[:1]
		if err := kong.DefaultHelpPrinter(options, &program); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(trace.Stdout); err != nil {
			return err
		}
	}
	return kong.DefaultHelpPrinter(options, trace)
}

// oneDash lets -config FILE, with one dash, mean --config FILE.
func oneDash(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if arg == "-config" || strings.HasPrefix(arg, "-config=") {
			arg = "-" + arg
		}
		out[i] = arg
	}
	return out
}
