package model

import "crmgraph/upstream/solos"

// Payment is money that came in or went out for a project.
type Payment struct {
	*solos.Payment
	// Parent is the project it was reached from; nil when it was found by its id.
	Parent *Project
}

// NewPayments makes the payments of a project.
func NewPayments(payments []*solos.Payment, parent *Project) []*Payment {
	out := make([]*Payment, len(payments))
	all := make([]Payment, len(payments))
	for i, payment := range payments {
		all[i] = Payment{Payment: payment, Parent: parent}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Payment as a Node of the schema.
func (*Payment) IsNode() {}

// IsTimelineItem marks Payment as a TimelineItem of the schema.
func (*Payment) IsTimelineItem() {}

// ID returns the opaque node id.
func (p *Payment) ID() NodeID {
	return NodeID{Type: PaymentNode, Project: p.ProjectID, Number: p.Payment.ID}
}

// DatabaseID returns the CRM's number.
func (p *Payment) DatabaseID() uint64 { return p.Payment.ID }
