package auth

import "crypto/sha256"

// tokenHash stands for a token in memory.
type tokenHash [sha256.Size]byte

// hashOf returns the hash of a token, of which most need no memory of their own.
func hashOf(token string) tokenHash {
	var room [1 << 10]byte
	return sha256.Sum256(append(room[:0], token...))
}
