package loader

import (
	"context"

	"crmgraph/graph/plan"
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

// isInHead reports whether the large page that all payments begin with has what is wanted, and one more.
func (k paymentsKey) isInHead() bool {
	return k.id == 0 && k.date == "" && k.direction == "" && k.offset+k.limit < largePage
}

// fetchPayments asks for one payment more than wanted, to learn whether more follow. Where
// timelines read all payments, it shares their call.
func (s *Set) fetchPayments(ctx context.Context, key paymentsKey) (*Slice[*solos.Payment], error) {
	if key.isInHead() && s.planned((*plan.Plan).ReadsTimelines) {
		list, err := s.paymentPage.load(ctx, paymentsKey{project: key.project, limit: largePage})
		if err != nil {
			return nil, err
		}
		if slice, ok := sliceOfHead(list, key.offset, key.limit); ok {
			return slice, nil
		}
	}
	list, err := s.paymentPage.load(ctx, paymentsKey{
		project: key.project, offset: key.offset, limit: key.limit + 1,
		id: key.id, date: key.date, direction: key.direction,
	})
	if err != nil {
		return nil, err
	}
	return sliceOf(list, key.offset, key.limit), nil
}

func (s *Set) fetchPaymentPage(ctx context.Context, key paymentsKey) (solos.List[*solos.Payment], error) {
	return s.solos.ListPayments(ctx, key.project, solos.PaymentsOptions{
		Offset: key.offset, Count: key.limit,
		ID: key.id, Date: key.date, Type: key.direction,
	})
}

// AllPayments returns every payment of a project, in no particular order.
func (s *Set) AllPayments(ctx context.Context, project uint64) ([]*solos.Payment, error) {
	return s.allPayments.load(ctx, project)
}

func (s *Set) fetchAllPayments(ctx context.Context, project uint64) ([]*solos.Payment, error) {
	return readAll(solos.ListPaymentsCall, func(offset, count int) (solos.List[*solos.Payment], error) {
		return s.paymentPage.load(ctx, paymentsKey{project: project, offset: offset, limit: count})
	}, func(payment *solos.Payment) uint64 { return payment.ID })
}
