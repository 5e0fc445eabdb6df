package persisted

import "github.com/vektah/gqlparser/v2/gqlerror"

// The codes of refusals, in extensions.code.
const (
	CodeNotFound     = "PERSISTED_QUERY_NOT_FOUND"
	CodeNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED"
	CodeInvalid      = "PERSISTED_QUERY_INVALID"
	CodeHashMismatch = "PERSISTED_QUERY_HASH_MISMATCH"
	CodeInvalidID    = "DOCUMENT_ID_INVALID"
	CodeIDConflict   = "DOCUMENT_ID_CONFLICT"
	CodeNotTrusted   = "DOCUMENT_NOT_TRUSTED"
)

// notFound has the client send the document with its hash. Clients know it by its message or
// by its code.
func notFound() *gqlerror.Error { return refusal(CodeNotFound, "PersistedQueryNotFound") }

// notSupported has the client send documents, and no more hashes. Clients know it likewise.
func notSupported() *gqlerror.Error { return refusal(CodeNotSupported, "PersistedQueryNotSupported") }

func invalid() *gqlerror.Error {
	return refusal(CodeInvalid, "extensions.persistedQuery is an object with version 1 and, as sha256Hash, 64 hexadecimal digits in lower case or the id of a known document.")
}

func hashMismatch() *gqlerror.Error {
	return refusal(CodeHashMismatch, "The document sent is not the one that the request names.")
}

func invalidID() *gqlerror.Error {
	return refusal(CodeInvalidID, "What follows sha256: in documentId is 64 hexadecimal digits in lower case.")
}

func idConflict() *gqlerror.Error {
	return refusal(CodeIDConflict, "documentId and extensions.persistedQuery name different documents.")
}

func notTrusted() *gqlerror.Error {
	return refusal(CodeNotTrusted, "Only the documents that this server was given beforehand are run, and this is none of them.")
}

func refusal(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
