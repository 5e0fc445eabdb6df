package main

// The parts of a project, written as the two queries that ask for them have them in common.

func (b *buffer) steps(steps []step) {
	b.raw(`"steps":[`)
	for i := range steps {
		b.comma(i)
		b.raw(`{"name":`)
		b.text(steps[i].Name)
		b.raw(`,"date":`)
		b.moscow(steps[i].Date)
		b.raw("}")
	}
	b.raw("]")
}

func (b *buffer) payments(payments []payment) {
	b.raw(`"payments":{"nodes":[`)
	for i := range payments {
		b.comma(i)
		if payments[i].Type == 0 {
			b.raw(`{"type":"WRITE_OFF","date":`)
		} else {
			b.raw(`{"type":"RECEIPT","date":`)
		}
		b.moscow(payments[i].Date)
		b.raw(`,"sum":`)
		b.number(payments[i].Sum)
		b.raw("}")
	}
	b.raw("]}")
}

// page is the first elements of a list of which one more was asked for.
func page[T any](rows []T, first int) []T { return rows[:min(first, len(rows))] }
