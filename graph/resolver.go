package graph

//go:generate go tool gqlgen generate --config ../gqlgen.yml

// Resolver is the root of all resolvers.
type Resolver struct{ graph *Graph }
