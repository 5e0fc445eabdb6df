// Package graph is the executable schema.
package graph

import "crmgraph/bench/stock/crm"

// Resolver is the root of all resolvers.
type Resolver struct{ Client *crm.Client }

// page is the first elements of a list.
func page[T any](list []T, first int32) []T { return list[:min(int(first), len(list))] }
