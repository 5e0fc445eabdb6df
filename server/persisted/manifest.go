package persisted

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// Entry is one document of a manifest.
type Entry struct {
	ID   string // as clients send it
	Name string // of its operation, where the manifest says
	Type string // query, mutation or subscription, where the manifest says
	Text string
}

// Manifest is the documents that a server was given beforehand. It does not change.
type Manifest struct {
	entries []Entry
	byID    map[string]string // documents
	byHash  map[Hash]string   // documents
	texts   map[string]struct{}
	forms   map[string]struct{} // normal forms
	longest int                 // normal form, in bytes
}

// LoadManifest reads the manifests of one or more clients. The error lists everything that
// is wrong with them.
func LoadManifest(files ...string) (*Manifest, error) {
	contents, err := readAll(files)
	if err != nil {
		return nil, err
	}
	return newManifest(files, contents)
}

// readAll returns what files hold.
func readAll(files []string) ([][]byte, error) {
	contents := make([][]byte, len(files))
	for i, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		contents[i] = content
	}
	return contents, nil
}

func newManifest(files []string, contents [][]byte) (*Manifest, error) {
	m := &Manifest{
		byID:   make(map[string]string),
		byHash: make(map[Hash]string),
		texts:  make(map[string]struct{}),
		forms:  make(map[string]struct{}),
	}
	var problems []error
	for i, content := range contents {
		entries, err := parseManifest(content)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", files[i], err))
		}
		for _, entry := range entries {
			if err := m.add(entry); err != nil {
				problems = append(problems, fmt.Errorf("%s: %q: %w", files[i], entry.ID, err))
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Manifest) add(entry Entry) error {
	id := strings.TrimPrefix(entry.ID, hashPrefix)
	if id == "" {
		return errors.New("the id is empty")
	}
	if other, taken := m.byID[id]; taken {
		if other != entry.Text {
			return errors.New("the id stands for two documents")
		}
		return nil // two clients have it
	}
	form, err := normalForm(entry.Text, math.MaxInt)
	if err != nil {
		return err
	}
	if form == "" {
		return errors.New("the document is empty")
	}
	m.entries = append(m.entries, entry)
	m.byID[id] = entry.Text
	m.byHash[hashOf(entry.Text)] = entry.Text
	m.texts[entry.Text] = struct{}{}
	m.forms[form] = struct{}{}
	m.longest = max(m.longest, len(form))
	return nil
}

// Entries returns the documents in the order of the files.
func (m *Manifest) Entries() []Entry { return slices.Clone(m.entries) }

// find returns the document that a request names.
func (m *Manifest) find(ref reference) (document string, ok bool) {
	if document, ok = m.byID[ref.id]; !ok && ref.hashed {
		document, ok = m.byHash[ref.hash]
	}
	return document, ok
}

// holds reports whether a document is in the manifest, whatever its white space, commas and
// comments.
func (m *Manifest) holds(document string) bool {
	if _, ok := m.texts[document]; ok {
		return true
	}
	form, err := normalForm(document, m.longest)
	if err != nil {
		return false
	}
	_, ok := m.forms[form]
	return ok
}

// same reports whether two documents differ at most in white space, commas and comments.
func same(a, b string) bool {
	if a == b {
		return true
	}
	formA, err := normalForm(a, math.MaxInt)
	if err != nil {
		return false
	}
	formB, err := normalForm(b, len(formA))
	return err == nil && formA == formB
}
