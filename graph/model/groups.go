package model

import "crmgraph/upstream/proportal"

// Group is a customer group.
type Group struct {
	*proportal.Group
	Level *Level
}

// NewGroups makes the groups of one level.
func NewGroups(groups []*proportal.Group) []*Group {
	level := &Level{Groups: make([]int64, len(groups))}
	out := make([]*Group, len(groups))
	all := make([]Group, len(groups))
	for i, group := range groups {
		level.Groups[i] = group.ID
		all[i] = Group{Group: group, Level: level}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Group as a Node of the schema.
func (*Group) IsNode() {}

// ID returns the opaque node id.
func (g *Group) ID() NodeID {
	return NodeID{Type: GroupNode, Number: uint64(g.Group.ID)}
}

// DatabaseID returns the CRM's number.
func (g *Group) DatabaseID() int64 { return g.Group.ID }
