package persisted

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// What says that a manifest is one of Apollo's.
const (
	apolloFormat  = "apollo-persisted-query-manifest"
	apolloVersion = 1
)

// parseManifest reads a manifest in one of two formats:
//
//	{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": …, "name": …, "type": …, "body": …}]}
//	{"<id>": "<document>", …}
//
// The first is made by Apollo's tools, the second by relay-compiler and by the client preset
// of graphql-codegen. Without any document it is an error, as the file of a failed build is.
func parseManifest(content []byte) ([]Entry, error) {
	if !utf8.Valid(content) {
		return nil, errors.New("not UTF-8")
	}
	members, err := readObject(content)
	if err != nil {
		return nil, err
	}
	read := readMap
	for _, member := range members {
		// An id may be called format, but then the documents are texts.
		if member.name == "operations" && member.value.Type() == jx.Array {
			read = readApollo
		}
	}
	entries, err := read(members)
	if err == nil && len(entries) == 0 {
		err = errors.New("no documents")
	}
	return entries, err
}

// readMap reads the documents of a manifest that maps ids to them.
func readMap(members []member) ([]Entry, error) {
	entries := make([]Entry, len(members))
	for i, member := range members {
		text, err := member.text()
		if err != nil {
			return nil, err
		}
		entries[i] = Entry{ID: member.name, Text: text}
	}
	return entries, nil
}

// readApollo reads the documents of Apollo's format. Members that it does not know are no
// fault, since newer tools add some.
func readApollo(members []member) (entries []Entry, err error) {
	var format string
	var version int
	for _, member := range members {
		switch member.name {
		case "format":
			format, err = member.text()
		case "version":
			version, err = jx.DecodeBytes(member.value).Int()
		case "operations":
			entries, err = readOperations(member.value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", member.name, err)
		}
	}
	if format != apolloFormat || version != apolloVersion {
		return nil, fmt.Errorf("want the format %q, version %d", apolloFormat, apolloVersion)
	}
	return entries, nil
}

func readOperations(list jx.Raw) ([]Entry, error) {
	var entries []Entry
	err := jx.DecodeBytes(list).Arr(func(d *jx.Decoder) error {
		raw, err := d.Raw()
		if err != nil {
			return err
		}
		entry, err := readOperation(raw)
		if err != nil {
			return fmt.Errorf("number %d: %w", len(entries)+1, err)
		}
		entries = append(entries, entry)
		return nil
	})
	return entries, err
}

func readOperation(raw jx.Raw) (entry Entry, err error) {
	members, err := readObject(raw)
	if err != nil {
		return Entry{}, err
	}
	texts := map[string]*string{"id": &entry.ID, "name": &entry.Name, "type": &entry.Type, "body": &entry.Text}
	for _, member := range members {
		if text, known := texts[member.name]; known {
			if *text, err = member.text(); err != nil {
				return Entry{}, err
			}
		}
	}
	return entry, nil
}

// member is one of a JSON object.
type member struct {
	name  string
	value jx.Raw
}

func (m member) text() (string, error) {
	text, err := jx.DecodeBytes(m.value).Str()
	if err != nil {
		return "", fmt.Errorf("%q: want text", m.name)
	}
	return text, nil
}

// readObject returns the members of a JSON object, which has each name once and nothing
// behind it.
func readObject(content []byte) ([]member, error) {
	var members []member
	seen := make(map[string]bool)
	d := jx.DecodeBytes(content)
	err := d.Obj(func(d *jx.Decoder, name string) error {
		if seen[name] {
			return fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
		value, err := d.Raw()
		members = append(members, member{name, value})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("want a JSON object: %w", err)
	}
	if d.Next() != jx.Invalid || !errors.Is(d.Skip(), io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return members, nil
}
