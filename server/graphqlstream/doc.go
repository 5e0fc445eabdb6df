// Package graphqlstream holds the ways in to a gqlgen server whose responses come in parts:
// subscriptions, and what is deferred, as multipart/mixed or as server-sent events.
package graphqlstream
