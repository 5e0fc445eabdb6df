package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// program is what the commands share.
type program struct {
	layers *settings
	stdout io.Writer
	stderr io.Writer
}

// run is the whole program: it carries out the command of args until it is done or ctx
// ends. environ is the environment as os.Environ gives it. The answer of a command goes
// to stdout, the log to stderr.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	var line commandLine
	p := &program{layers: &settings{}, stdout: stdout, stderr: stderr}
	parsed, err := p.parse(&line, args, environ)
	if err != nil || parsed == nil {
		return err
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(p)
}

// parse reads all layers of the configuration into line. It returns nil when all that
// was asked for is help, which it has printed.
func (p *program) parse(line *commandLine, args, environ []string) (*kong.Context, error) {
	parser, err := newParser(line, p.layers, p.stdout, p.stderr)
	if err != nil {
		return nil, err
	}
	args = oneDash(args)
	// A first look finds the file that the real parsing needs, and values that cannot be read.
	trace, err := kong.Trace(parser, args)
	for err == nil && trace.Error != nil {
		rest, dropped := dropSetting(args, trace, p.layers.known)
		if !dropped {
			break
		}
		p.layers.problem("%w", trace.Error)
		args = rest
		trace, err = kong.Trace(parser, args)
	}
	if err != nil {
		return nil, err
	}
	if asksForHelp(trace) {
		return nil, printHelp(trace, p.layers, namesCommand(parser, args))
	}
	if trace.Error != nil {
		return nil, trace.Error
	}
	if usesSettings(trace) {
		p.layers.read(environ, configFile(trace))
	} else if err := invalid(p.layers.problems...); err != nil {
		return nil, err
	}
	return parser.Parse(args)
}

// dropSetting returns args without the setting at which trace ended, and whether it was one. The layers below
// then stand in for it, so that the rest can be checked.
func dropSetting(args []string, trace *kong.Context, known map[string]*kong.Flag) (rest []string, dropped bool) {
	left := trace.Path[len(trace.Path)-1].Remainder()
	if len(left) == 0 || trace.Selected() != nil && !usesSettings(trace) {
		return nil, false
	}
	flag, _, joined := strings.Cut(left[0], "=")
	name, isFlag := strings.CutPrefix(flag, "--")
	if !isFlag || known[name] == nil {
		return nil, false
	}
	end := 1
	if !joined && len(left) > 1 && !strings.HasPrefix(left[1], "--") {
		end = 2 // its value; a flag is none
	}
	return slices.Concat(args[:len(args)-len(left)], left[end:]), true
}

func asksForHelp(trace *kong.Context) bool {
	for _, step := range trace.Path {
		if step.Flag != nil && step.Flag.Name == "help" {
			return true
		}
	}
	return false
}

// namesCommand reports whether a command is in args, and not the default meant.
func namesCommand(parser *kong.Kong, args []string) bool {
	return slices.ContainsFunc(parser.Model.Children, func(command *kong.Node) bool {
		return slices.Contains(args, command.Name)
	})
}

// usesSettings reports whether the selected command reads the environment and the file.
func usesSettings(trace *kong.Context) bool {
	command := trace.Selected()
	if command == nil {
		return false
	}
	switch command.Name {
	case "serve", "config", "healthcheck", "purge":
		return true
	default:
		return false
	}
}

// configFile returns the file named on the command line, "" if none is.
func configFile(trace *kong.Context) string {
	for _, step := range trace.Path {
		if step.Flag != nil && step.Flag.Name == "config" {
			name, _ := trace.FlagValue(step.Flag).(string)
			return name
		}
	}
	return ""
}
