package loader

import (
	"context"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

type paymentsKey struct {
	project       uint64
	offset, limit int
	id            uint64
	date          upstream.Date
	direction     solos.PaymentType
}

// Payments returns limit of a project's payments from offset on, in the CRM's order; opts holds
// the filters.
func (s *Set) Payments(ctx context.Context, project uint64, opts solos.PaymentsOptions, offset, limit int) (*Slice[*solos.Payment], error) {
	return s.payments.load(ctx, paymentsKey{
		project: project, offset: offset, limit: limit,
		id: opts.ID, date: opts.Date, direction: opts.Type,
	})
}

// fetchPayments asks for one payment more than wanted, to learn whether more follow.
func (s *Set) fetchPayments(ctx context.Context, key paymentsKey) (*Slice[*solos.Payment], error) {
	list, err := s.solos.ListPayments(ctx, key.project, solos.PaymentsOptions{
		Offset: key.offset, Count: key.limit + 1,
		ID: key.id, Date: key.date, Type: key.direction,
	})
	if err != nil {
		return nil, err
	}
	return sliceOf(list, key.offset, key.limit), nil
}

// AllPayments returns every payment of a project, in no particular order.
func (s *Set) AllPayments(ctx context.Context, project uint64) ([]*solos.Payment, error) {
	return s.allPayments.load(ctx, project)
}

func (s *Set) fetchAllPayments(ctx context.Context, project uint64) ([]*solos.Payment, error) {
	return readAll(solos.ListPaymentsCall, func(offset, count int) (solos.List[*solos.Payment], error) {
		return s.solos.ListPayments(ctx, project, solos.PaymentsOptions{Offset: offset, Count: count})
	}, func(payment *solos.Payment) uint64 { return payment.ID })
}
