package shared

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// KeySize is the length of Options.Key in bytes.
const KeySize = 32

// keys are derived from the configured one, one for each use.
type keys struct {
	values []byte
	names  []byte
}

func deriveKeys(key []byte) (keys, error) {
	if len(key) != KeySize {
		return keys{}, fmt.Errorf("the key of the shared tier must have %d bytes", KeySize)
	}
	values, err := hkdf.Key(sha256.New, key, nil, "crmgraph shared values 1", KeySize)
	names, err2 := hkdf.Key(sha256.New, key, nil, "crmgraph shared names 1", KeySize)
	return keys{values: values, names: names}, errors.Join(err, err2)
}

// randomToken returns text that nobody else has.
func randomToken() string { return rand.Text() }
