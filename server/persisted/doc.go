// Package persisted finds the documents of requests that name one instead of sending it,
// and keeps documents that nobody vouches for from running.
//
// A client may name a document by its SHA-256 hash that some client sent before, as in
// Apollo's automatic persisted queries: an unknown hash is answered with
// PersistedQueryNotFound, whereupon the client sends hash and document together, once. And
// it may name a document of a manifest, which is made where the client is built: by its id
// or by its hash, in documentId or in extensions.persistedQuery. With Required, only the
// manifest's documents are run.
//
// [Documents] is both the hook that ways in call for each request and an extension of
// gqlgen's server. The hook fills in or checks the document; the extension learns documents,
// only once they are valid and their sender is known, and looks again at what is about to
// run, so that a way in without the hook does not get around a manifest.
package persisted
