package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// variablePrefix begins the name of every environment variable of the program.
const variablePrefix = "CRMGRAPH_"

// variable returns the environment variable of a setting.
func variable(name string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// settings are the layers below the command line: values by the name of the setting.
// What is wrong with them is collected, so that all of it can be told at once.
type settings struct {
	known    map[string]*kong.Flag
	env      map[string]string
	file     map[string]string
	aliases  map[string]map[string][]string
	problems []error
}

// Validate is part of kong.Resolver; problems are told by Config.complete.
func (s *settings) Validate(*kong.Application) error { return nil }

// Resolve gives kong the value of a setting that is not on the command line: from the
// environment, else from the file. A secret and the file that holds it are one setting
// with two names, so either hides both of the layers below.
func (s *settings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	twin := s.twin(flag.Name)
	for _, given := range ctx.Path {
		if given.Flag != nil && given.Flag.Name == twin {
			return nil, nil
		}
	}
	for _, layer := range []map[string]string{s.env, s.file} {
		if value, ok := layer[flag.Name]; ok {
			return value, nil
		}
		if _, ok := layer[twin]; ok {
			return nil, nil
		}
	}
	return nil, nil
}

// twin returns the other name of a setting that can be read from a file, else "".
func (s *settings) twin(name string) string {
	if base, found := strings.CutSuffix(name, "-file"); found && s.known[base] != nil {
		return base
	}
	if s.known[name+"-file"] != nil {
		return name + "-file"
	}
	return ""
}

// read fills both layers. The file is the one named by config, by the environment if
// that is empty; none is read if neither names one.
func (s *settings) read(environ []string, config string) {
	s.env = s.readEnvironment(environ)
	if config == "" {
		config = s.env["config"]
	}
	if config == "" {
		return
	}
	content, err := os.ReadFile(config)
	if err != nil {
		s.problem("config: %w", err)
		return
	}
	s.readFile(config, content)
}

// readEnvironment returns the settings among the variables. An empty variable is one
// that is not set, as container tools pass those they have no value for.
func (s *settings) readEnvironment(environ []string) map[string]string {
	names := make(map[string]string, len(s.known))
	for name := range s.known {
		names[variable(name)] = name
	}
	layer := make(map[string]string)
	for _, entry := range slices.Sorted(slices.Values(environ)) {
		key, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(key, variablePrefix) {
			continue
		}
		name, ok := names[key]
		switch {
		case !ok && !isServiceLink(key, value):
			s.problem("%s: unknown environment variable", key)
		case !ok:
		case value != "" && s.decodes(key, name, value):
			layer[name] = value
		}
	}
	return layer
}

// isServiceLink reports whether Kubernetes made a variable: every container is given the addresses of the services
// around it, such as CRMGRAPH_PORT=tcp://10.0.0.11:8080, so that one called crmgraph has variables like settings.
func isServiceLink(key, value string) bool {
	if strings.HasSuffix(key, "_PORT") && regexp.MustCompile(`^(tcp|udp|sctp)://`).MatchString(value) {
		return true
	}
	return regexp.MustCompile(`_SERVICE_(HOST|PORT|PORT_[A-Z0-9_]+)$|_PORT_[0-9]+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?$`).MatchString(key)
}

// decodes reports whether value can be read as the setting, and notes the problem if
// not; the layers below and the default then stand in, so that the rest can be checked.
func (s *settings) decodes(place, name, value string) bool {
	flag := s.known[name]
	scratch := reflect.New(flag.Target.Type()).Elem()
	err := flag.Parse(kong.ScanAsType(kong.FlagValueToken, value), scratch)
	if err == nil {
		return true
	}
	if cause := errors.Unwrap(err); cause != nil {
		err = cause
	}
	s.problem("%s: %w", place, err)
	return false
}

func (s *settings) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Errorf(format, args...))
}

// describe is the help of a flag, with the environment variable of one that is a setting.
func (s *settings) describe(value *kong.Value) string {
	if s.known[value.Name] == nil {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " [$" + variable(value.Name) + "]."
}
