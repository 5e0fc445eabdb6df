package main

import "context"

// answerProjects answers Q4.
func (x *exchange) answerProjects(ctx context.Context) error {
	const first = 100
	err := x.calls[0].start(ctx, &x.crms.solos, 1, func(dst []byte, _ int) []byte {
		return x.get(dst, "/projects?count=101&offset=0&order_by=id&reverse=0&deleted=0")
	})
	if err != nil {
		return err
	}
	if err := take(ctx, &x.calls[0], &x.bodies.projects, &x.rows.projects); err != nil {
		return err
	}
	out := &x.out
	out.raw(`{"data":{"projects":{"nodes":[`)
	for i, p := range page(x.rows.projects, first) {
		out.comma(i)
		out.raw(`{"id":`)
		out.nodeID("Project", p.ID)
		out.raw(`,"name":`)
		out.text(p.Name)
		out.raw(`,"price":`)
		out.number(p.Price)
		out.raw(`,"createdAt":`)
		out.moscow(p.Created)
		out.raw(`,"a":`)
		out.json(p.Fields.CustomerID)
		out.raw(`,"b":`)
		out.json(p.Fields.ContractDate)
		out.raw(`,"c":`)
		out.json(p.Fields.Source)
		out.raw(`,"d":`)
		out.json(p.Fields.Deadline)
		out.raw(`,"e":`)
		out.json(p.Fields.Probability)
		out.raw("}")
	}
	out.raw("]}}}")
	return nil
}
