package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// aliasesPath is where the one setting is that is no flag.
const aliasesPath = "solos.aliases"

// readFile fills the file layer from YAML. It reads the syntax tree and not values, so
// that a token of digits stays the text it is and a problem can name its line.
func (s *settings) readFile(name string, content []byte) {
	s.file = make(map[string]string)
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		// The parser's long form quotes the lines around the fault, secrets among them.
		s.problem("%s: %s", name, syntaxProblem(err))
		return
	}
	for i, document := range file.Docs {
		if i > 0 {
			s.problem("%s: more than one document", name)
			return
		}
		if document.Body != nil {
			s.readNode(name, nil, document.Body)
		}
	}
}

func (s *settings) readNode(file string, path []string, node ast.Node) {
	key := strings.Join(path, ".")
	flag := s.atPath(key)
	place := fmt.Sprintf("%s:%d: %s", file, node.GetToken().Position.Line, key)
	switch {
	case key == aliasesPath:
		if err := yaml.NodeToValue(node, &s.aliases, yaml.Strict()); err != nil {
			s.problem("%s: want type, field and a list of names", place)
		}
	case flag != nil:
		value, ok := settingText(node, flag)
		switch {
		case !ok:
			s.problem("%s: want one value, or a list where the setting is one", place)
		case node.Type() != ast.NullType && s.decodes(place, flag.Name, value):
			s.file[flag.Name] = value
		}
	case len(path) == 0 || s.isGroup(key):
		s.readMapping(file, path, node, strings.TrimSuffix(place, ": "))
	default:
		s.problem("%s: unknown key", place)
	}
}

// filePath is where a setting is in the file: "listen", or "proportal.url" in a group.
func filePath(flag *kong.Flag) string {
	group, found := strings.CutSuffix(flag.Tag.Prefix, "-")
	if !found {
		return flag.Name
	}
	return group + "." + strings.TrimPrefix(flag.Name, flag.Tag.Prefix)
}

// atPath returns the setting that is at path, nil for none. The file does not name another file.
func (s *settings) atPath(path string) *kong.Flag {
	for _, flag := range s.known {
		if filePath(flag) == path && flag.Name != "config" {
			return flag
		}
	}
	return nil
}

func (s *settings) readMapping(file string, path []string, node ast.Node, place string) {
	switch mapping := node.(type) {
	case *ast.MappingNode:
		for _, member := range mapping.Values {
			s.readNode(file, append(path[:len(path):len(path)], member.Key.GetToken().Value), member.Value)
		}
	case *ast.NullNode, *ast.CommentGroupNode:
	default:
		s.problem("%s: want keys and values", place)
	}
}

// isGroup reports whether settings are below path.
func (s *settings) isGroup(path string) bool {
	for _, flag := range s.known {
		if strings.HasPrefix(filePath(flag), path+".") {
			return true
		}
	}
	return false
}

// settingText returns a scalar as it is written, or a list of them as the flag reads it.
func settingText(node ast.Node, flag *kong.Flag) (string, bool) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return scalarText(node)
	}
	if !flag.IsSlice() {
		return "", false
	}
	var items []string
	for _, item := range list.Values {
		text, ok := scalarText(item)
		if !ok {
			return "", false
		}
		items = append(items, text)
	}
	return kong.JoinEscaped(items, flag.Tag.Sep), true
}

func scalarText(node ast.Node) (string, bool) {
	switch scalar := node.(type) {
	case *ast.StringNode:
		return scalar.Value, true
	case *ast.LiteralNode:
		return scalar.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, true
	case *ast.NullNode:
		return "", true
	default:
		return "", false
	}
}

// syntaxProblem is the parser's message with the position, less the quoted source.
func syntaxProblem(err error) string {
	first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	return first
}
