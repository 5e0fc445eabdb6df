package solos

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// PaymentType is the direction of a payment.
type PaymentType string

// The payment types, as the CRM's filter_type spells them.
const (
	WriteOff PaymentType = "0"
	Receipt  PaymentType = "1"
)

// Payment is money that came in or went out for a project. Pointers are nil where the
// CRM sent nothing.
type Payment struct {
	ID         uint64
	ProjectID  uint64
	Type       *PaymentType
	Date       *time.Time        // UTC; a bare date is the start of that day in the CRM's zone
	Sum        *upstream.Decimal // in the currency of CurrencyID
	CurrencyID *uint64
	Comment    *string
	Extra      json.RawMessage // a JSON object of what has no field here; nil if nothing
}

// PaymentsOptions are the filters of ListPayments; empty ones are not sent.
type PaymentsOptions struct {
	Count, Offset int
	ID            uint64
	Date          upstream.Date
	Type          PaymentType
}

// ListPaymentsCall describes the call of Client.ListPayments.
var ListPaymentsCall = upstream.Call{Service: upstream.Solos, Operation: "payments", Method: http.MethodGet, Path: "projects/payments"}

// ListPayments returns the payments of a project, in the CRM's order, at most opts.Count
// of them. Times are UTC, amounts in the currency of the payment.
//
// Errors: Invalid for arguments that cannot be sent, NotFound, Rejected, RateLimited,
// Timeout, Unavailable, Malformed with the field, Canceled.
//
// Source: GET /projects/payments («Платежи проекта»).
func (c *Client) ListPayments(ctx context.Context, projectID uint64, opts PaymentsOptions) (List[*Payment], error) {
	var q query
	q.id(projectID)
	q.page(opts.Count, opts.Offset)
	q.filterID(opts.ID)
	q.filterDate(opts.Date)
	switch opts.Type {
	case "":
	case WriteOff, Receipt:
		q.add("filter_type", string(opts.Type))
	default:
		q.fail("unknown type of payment")
	}
	return get(ctx, c, &ListPaymentsCall, projectID, &q, (*reader).readPayments)
}

// paymentRecord is a Payment and what its pointers point to.
type paymentRecord struct {
	Payment
	paymentType PaymentType
	date        time.Time
	sum         upstream.Decimal
	currencyID  uint64
	comment     string
}

func (r *reader) readPayments(d *jsonread.Decoder) (List[*Payment], error) {
	return readList(r, d, (*reader).payment)
}

func (r *reader) payment(d *jsonread.Decoder) (*Payment, error) {
	p := r.payments.New()
	p.ProjectID = r.project
	extra, err := r.object(d, r.names.payment, p)
	if err != nil {
		return nil, err
	}
	if p.ID == 0 {
		return nil, errMissingID
	}
	p.Extra = extra
	return &p.Payment, nil
}

func (p *paymentRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		p.ID, err = readID(d)
	case "projectId":
		p.ProjectID, err = r.readProjectID(d)
	case "type":
		p.Type, err = readPaymentType(d, &p.paymentType)
	case "date":
		p.Date, err = r.readTime(d, &p.date)
	case "sum":
		p.Sum, err = r.readDecimal(d, &p.sum)
	case "currencyId":
		p.CurrencyID, err = readRef(d, &p.currencyID)
	case "comment":
		p.Comment, err = r.readText(d, &p.comment)
	}
	return err
}

func readPaymentType(d *jsonread.Decoder, slot *PaymentType) (*PaymentType, error) {
	number, ok, err := upstream.ReadUint(d)
	if err != nil || !ok {
		return nil, err
	}
	switch number {
	case 0:
		*slot = WriteOff
	case 1:
		*slot = Receipt
	default:
		return nil, upstream.Unreadable("unknown type of payment")
	}
	return slot, nil
}
