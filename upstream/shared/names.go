package shared

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strings"
	"sync"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// names makes the names that things have in Redis:
//
//	crmgraph:1:<namespace>:answer:<service.operation>:<viewer>:<rest of the key>
//
// All but the name of the operation are keyed hashes, so that purges can find what to remove
// and nobody else learns who asks for what.
type names struct {
	hashers *sync.Pool
	prefix  string
}

// nameHash is how much of a hash a name has. Names that collide are not found by chance in
// 128 bits, and answers that lie under another's name do not decrypt.
const nameHash = 16

func newNames(key []byte, namespace string) names {
	n := names{hashers: &sync.Pool{New: func() any { return &hasher{mac: hmac.New(sha256.New, key)} }}}
	n.prefix = "crmgraph:1:" + n.hash("namespace", namespace) + ":"
	return n
}

// hasher is what one hash is made with.
type hasher struct {
	mac  hash.Hash
	text []byte
	sum  []byte
}

// hash returns a keyed hash that no other parts have. The first says what it is for.
func (n names) hash(parts ...string) string {
	h := n.hashers.Get().(*hasher)
	defer n.hashers.Put(h)
	h.text = h.text[:0]
	for _, part := range parts {
		h.text = binary.BigEndian.AppendUint64(h.text, uint64(len(part)))
		h.text = append(h.text, part...)
	}
	h.mac.Reset()
	h.mac.Write(h.text)
	h.sum = h.mac.Sum(h.sum[:0])
	return base64.RawURLEncoding.EncodeToString(h.sum[:nameHash])
}

func (n names) rest(key upstream.Key) string {
	return n.hash("key", string(key.Service), key.Operation, key.Scope, key.ID, key.Query, key.Body)
}

func (n names) viewer(scope string) string { return n.hash("viewer", scope) }

func (n names) answer(key upstream.Key) string {
	return n.prefix + "answer:" + string(key.Service) + "." + key.Operation + ":" + n.viewer(key.Scope) + ":" + n.rest(key)
}

// isAnswer reports whether name is one of an answer.
func isAnswer(name string) bool { return strings.Contains(name, ":answer:") }

func (n names) refresh(key upstream.Key) string { return n.prefix + "refresh:" + n.rest(key) }

func (n names) lock(name string) string { return n.prefix + "lock:" + n.hash("lock", name) }

func (n names) secret(name string) string { return n.prefix + "secret:" + n.hash("secret", name) }

// purges is the channel on which replicas tell each other of purges.
func (n names) purges() string { return n.prefix + "purges" }

// concerned returns the patterns of the answers that a purge may be about. An entity is not in
// a name, so that it stands for all answers of the operations that may hold one of its kind.
func (n names) concerned(purge cache.Purge, operations func(kind string) []string) []string {
	viewer := "*"
	if purge.Viewer != "" {
		viewer = n.viewer(purge.Viewer)
	}
	pattern := func(operation string) string { return n.prefix + "answer:" + operation + ":" + viewer + ":*" }

	if purge.Entity == (cache.Entity{}) || operations == nil {
		if purge.Operation == "" {
			return []string{pattern("*")}
		}
		return []string{pattern(literally(purge.Operation))}
	}
	var patterns []string
	for _, operation := range operations(purge.Entity.Kind) {
		if purge.Operation == "" || purge.Operation == operation {
			patterns = append(patterns, pattern(literally(operation)))
		}
	}
	return patterns
}

// literally escapes what has a meaning in patterns.
func literally(text string) string { return patternEscapes.Replace(text) }

var patternEscapes = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`)
