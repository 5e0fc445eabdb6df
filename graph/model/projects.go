package model

import (
	"encoding/json"

	"crmgraph/upstream/solos"
)

// Project is a sales project.
type Project struct {
	*solos.Project
	Level *Level
}

// NewProjects makes the projects of one level.
func NewProjects(projects []*solos.Project) []*Project {
	level := &Level{}
	customers := make([]int64, 0, len(projects))
	out := make([]*Project, len(projects))
	all := make([]Project, len(projects))
	for i, project := range projects {
		if project.CustomerID != nil {
			customers = append(customers, *project.CustomerID)
		}
		all[i] = Project{Project: project, Level: level}
		out[i] = &all[i]
	}
	level.Customers = Distinct(customers)
	return out
}

// IsNode marks Project as a Node of the schema.
func (*Project) IsNode() {}

// ID returns the opaque node id.
func (p *Project) ID() NodeID { return NodeID{Type: ProjectNode, Number: p.Project.ID} }

// DatabaseID returns the CRM's number.
func (p *Project) DatabaseID() uint64 { return p.Project.ID }

// Participants are the users and user groups that take part in a project.
type Participants struct {
	UserIDs  []uint64
	GroupIDs []uint64
}

// Participants returns who takes part.
func (p *Project) Participants() *Participants {
	return &Participants{UserIDs: p.ParticipantUserIDs, GroupIDs: p.ParticipantGroupIDs}
}

// Field returns the value of the dynamic field name, nil when there is none.
func (p *Project) Field(name string) json.RawMessage {
	for _, field := range p.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return nil
}
