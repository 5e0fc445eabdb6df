package graph

//go:generate go run ./executor/generate

// Resolver is the root of all resolvers.
type Resolver struct{ graph *Graph }
