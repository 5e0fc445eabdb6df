package main

import "context"

// answerProject answers Q3.
func (x *exchange) answerProject(ctx context.Context) error {
	paths := [...]string{
		"/projects/info?id=1",
		"/projects/steps?id=1",
		"/projects/actions?id=1&count=21&offset=0",
		"/projects/payments?id=1&count=21&offset=0",
		"/projects/goods?id=1",
		"/projects/checklists?id=1",
	}
	const first = 20
	k, body, rows, out := &x.calls[0], &x.bodies.part, &x.rows, &x.out
	err := k.start(ctx, &x.crms.solos, len(paths), func(dst []byte, i int) []byte { return x.get(dst, paths[i]) })
	if err != nil {
		return err
	}

	// Each answer is written before the next is received into the same memory.
	if err := k.next(ctx, body); err != nil {
		return err
	}
	var p project
	if err := decodeOne(body.Body, &p); err != nil {
		return err
	}
	out.raw(`{"data":{"project":{"id":`)
	out.nodeID("Project", p.ID)
	out.raw(`,"name":`)
	out.text(p.Name)
	out.raw(`,"price":`)
	out.number(p.Price)
	out.raw(`,"fields":[`)
	out.fields(&p.Fields)
	out.raw("],")

	if err := take(ctx, k, body, &rows.steps); err != nil {
		return err
	}
	out.steps(rows.steps)
	out.raw(`,"actions":{"nodes":[`)

	if err := take(ctx, k, body, &rows.actions); err != nil {
		return err
	}
	for i, a := range page(rows.actions, first) {
		out.comma(i)
		out.raw(`{"typeName":`)
		out.text(a.Type)
		out.raw(`,"date":`)
		out.moscow(a.Date)
		out.raw(`,"text":`)
		out.text(a.Text)
		out.raw("}")
	}
	out.raw("]},")

	if err := take(ctx, k, body, &rows.payments); err != nil {
		return err
	}
	out.payments(page(rows.payments, first))
	out.raw(`,"goods":[`)

	if err := take(ctx, k, body, &rows.goods); err != nil {
		return err
	}
	for i, g := range rows.goods {
		out.comma(i)
		out.raw(`{"name":`)
		out.text(g.Name)
		out.raw(`,"quantity":`)
		out.number(g.Quantity)
		out.raw(`,"sum":`)
		out.number(g.Sum)
		out.raw("}")
	}
	out.raw(`],"checklists":[`)

	if err := take(ctx, k, body, &rows.checklists); err != nil {
		return err
	}
	for i, c := range rows.checklists {
		out.comma(i)
		out.checklist(&c)
	}
	out.raw("]}}}")
	return nil
}

// fields writes the dynamic fields in the order in which the CRM sends them.
func (b *buffer) fields(f *projectFields) {
	for i, field := range [...]struct {
		name  string
		value value
	}{
		{"client_id", f.CustomerID},
		{"contract_date", f.ContractDate},
		{"contract_number", f.ContractNumber},
		{"deadline", f.Deadline},
		{"manager_comment", f.ManagerComment},
		{"probability", f.Probability},
		{"source", f.Source},
	} {
		b.comma(i)
		b.raw(`{"name":"`)
		b.raw(field.name)
		b.raw(`","value":`)
		b.json(field.value)
		b.raw("}")
	}
}

func (b *buffer) checklist(c *checklist) {
	b.raw(`{"name":`)
	b.text(c.Name)
	b.raw(`,"items":[`)
	for i, item := range c.Items {
		b.comma(i)
		b.raw(`{"name":`)
		b.text(item.Name)
		if item.Done == 1 {
			b.raw(`,"isDone":true}`)
		} else {
			b.raw(`,"isDone":false}`)
		}
	}
	b.raw("]}")
}
