package solos

import (
	"context"
	"encoding/json"
	"net/http"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// Good is a line of what a project sells. Pointers are nil where the CRM sent nothing.
type Good struct {
	ID         uint64
	ProjectID  uint64
	GoodID     *uint64 // of the article sold
	Name       *string
	Quantity   *upstream.Decimal
	Price      *upstream.Decimal // of one, in the currency of CurrencyID
	CurrencyID *uint64
	Sum        *upstream.Decimal
	Extra      json.RawMessage // a JSON object of what has no field here; nil if nothing
}

// ListGoodsCall describes the call of Client.ListGoods.
var ListGoodsCall = upstream.Call{Service: upstream.Solos, Operation: "goods", Method: http.MethodGet, Path: "projects/goods"}

// ListGoods returns what a project sells, in the CRM's order. Amounts of money are in
// the currency of the line.
//
// Errors: Invalid for an id of 0, NotFound, Rejected, RateLimited, Timeout, Unavailable,
// Malformed with the field, Canceled.
//
// Source: GET /projects/goods («Товары проекта»).
func (c *Client) ListGoods(ctx context.Context, projectID uint64) ([]*Good, error) {
	var q query
	q.id(projectID)
	list, err := get(ctx, c, &ListGoodsCall, projectID, &q, (*reader).readGoods)
	return list.Items, err
}

// goodRecord is a Good and what its pointers point to.
type goodRecord struct {
	Good
	goodID, currencyID   uint64
	name                 string
	quantity, price, sum upstream.Decimal
}

func (r *reader) readGoods(d *jsonread.Decoder) (List[*Good], error) {
	return readList(r, d, (*reader).good)
}

func (r *reader) good(d *jsonread.Decoder) (*Good, error) {
	g := r.goods.New()
	g.ProjectID = r.project
	extra, err := r.object(d, r.names.good, g)
	if err != nil {
		return nil, err
	}
	if g.ID == 0 {
		return nil, errMissingID
	}
	g.Extra = extra
	return &g.Good, nil
}

func (g *goodRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		g.ID, err = readID(d)
	case "projectId":
		g.ProjectID, err = r.readProjectID(d)
	case "goodId":
		g.GoodID, err = readRef(d, &g.goodID)
	case "name":
		g.Name, err = r.readText(d, &g.name)
	case "quantity":
		g.Quantity, err = r.readDecimal(d, &g.quantity)
	case "price":
		g.Price, err = r.readDecimal(d, &g.price)
	case "currencyId":
		g.CurrencyID, err = readRef(d, &g.currencyID)
	case "sum":
		g.Sum, err = r.readDecimal(d, &g.sum)
	}
	return err
}
