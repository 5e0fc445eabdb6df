package persisted

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Hash is the SHA-256 hash of a document's text.
type Hash [sha256.Size]byte

func hashOf(document string) Hash { return sha256.Sum256([]byte(document)) }

// parseHash reads 64 hexadecimal digits. They are lower case, so that a document has one name.
func parseHash(text string) (hash Hash, ok bool) {
	if len(text) != hex.EncodedLen(len(hash)) || strings.ContainsAny(text, "ABCDEF") {
		return Hash{}, false
	}
	_, err := hex.Decode(hash[:], []byte(text))
	return hash, err == nil
}

// String returns the hash as clients write it.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }
