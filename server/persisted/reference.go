package persisted

import (
	"encoding/json"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// hashPrefix begins a document's id that is its SHA-256 hash.
const hashPrefix = "sha256:"

// reference is how a request names its document. The zero value names none.
type reference struct {
	id        string
	hash      Hash // of the document, if hashed
	hashed    bool // the id is a hash, or looks like one
	automatic bool // the client sends the document when it is not found
}

func (r reference) given() bool { return r != reference{} }

// referenceOf returns how a request names its document.
func referenceOf(documentID string, extensions map[string]any) (reference, *gqlerror.Error) {
	byID, refused := readDocumentID(documentID)
	if refused != nil {
		return reference{}, refused
	}
	automatic, refused := readPersistedQuery(extensions)
	switch {
	case refused != nil:
		return reference{}, refused
	case !automatic.given():
		return byID, nil
	case byID.given() && byID.id != automatic.id:
		return reference{}, idConflict()
	default:
		return automatic, nil
	}
}

// readDocumentID reads the parameter documentId.
func readDocumentID(text string) (reference, *gqlerror.Error) {
	if text == "" {
		return reference{}, nil
	}
	id, prefixed := strings.CutPrefix(text, hashPrefix)
	hash, hashed := parseHash(id)
	if prefixed && !hashed {
		return reference{}, invalidID()
	}
	return reference{id: id, hash: hash, hashed: hashed}, nil
}

// readPersistedQuery reads the extension of automatic persisted queries. Its sha256Hash is
// any text: clients that know a manifest put the document's id there. Further members are
// the client's own business.
func readPersistedQuery(extensions map[string]any) (reference, *gqlerror.Error) {
	value := extensions["persistedQuery"]
	if value == nil {
		return reference{}, nil
	}
	members, ok := value.(map[string]any)
	if !ok || !isOne(members["version"]) {
		return reference{}, invalid()
	}
	id, ok := members["sha256Hash"].(string)
	if !ok || id == "" {
		return reference{}, invalid()
	}
	hash, hashed := parseHash(id)
	return reference{id: id, hash: hash, hashed: hashed, automatic: true}, nil
}

// isOne reports whether a decoded JSON value is the number 1.
func isOne(value any) bool {
	switch number := value.(type) {
	case json.Number:
		return number == "1"
	case float64:
		return number == 1
	default:
		return false
	}
}
