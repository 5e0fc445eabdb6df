// Package executor runs GraphQL queries and mutations from compiled plans, beside gqlgen's
// own executor and with its resolvers, models and errors.
//
// An operation is compiled once into steps (plan.go). Running it is two passes: first the
// resolvers, node by node, where a node is one composite position of the response and all
// objects at it, across all lists (run.go); then the answer is written in one go, plain
// fields straight from the objects (writer.go). How a field of the schema is read comes
// from generated accessors (schema.go). docs/executor.md tells the whole story.
package executor
