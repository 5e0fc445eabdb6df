package proportal

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// GroupStatus tells groups, and the prospects counted in them, apart.
type GroupStatus string

// The two values of the groups' status and count parameters.
const (
	GroupActive   GroupStatus = "active"   // with prospects still to be worked on
	GroupComplete GroupStatus = "complete" // with prospects that are done
)

// valid reports whether s may be sent; the empty value is not sent.
func (s GroupStatus) valid() bool { return s == "" || s == GroupActive || s == GroupComplete }

// Group is a list of prospects a manager works through. Pointers are nil where the
// CRM sent nothing; the resource form leaves out the editor and the flags.
type Group struct {
	ID             int64
	Name           string
	Description    *string
	Valuation      *int // points a customer of this group is worth
	CustomersCount *int
	AuthorID       *int64
	CreatedAt      *time.Time
	EditorID       *int64
	EditedAt       *time.Time
	IsPro          *bool
	IsPayroll      *bool
	IsVisible      *bool
	BusinessID     *int64
	Extra          json.RawMessage // object of the members not named above; nil when there are none
}

// GroupsOptions are the parameters of ListGroups; empty values are not sent, which
// means GroupActive to the CRM.
type GroupsOptions struct {
	Status GroupStatus // which groups
	Count  GroupStatus // which of their prospects are counted
}

// ListGroupsCall describes the call of ViewerClient.ListGroups.
var ListGroupsCall = upstream.Call{Service: upstream.ProPortal, Operation: "groups", Method: http.MethodGet, Path: "api/crm/workspace/groups"}

// ListGroups returns the groups that hold prospects of the viewer's, in the CRM's order;
// an empty list when there are none. Times are UTC, read from unix seconds.
//
// An unknown status or count is Invalid and not sent. For the other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/groups («Получить все списки»).
func (v *ViewerClient) ListGroups(ctx context.Context, opts GroupsOptions) ([]*Group, error) {
	if !opts.Status.valid() || !opts.Count.valid() {
		return nil, invalid(&ListGroupsCall, "unknown group status")
	}
	q := query{}.with("status", string(opts.Status)).with("count", string(opts.Count))
	return listAll(ctx, v, &upstream.Request{Call: &ListGroupsCall}, q, (*reader).readGroups)
}

// GetGroupCall describes the call of ViewerClient.GetGroup.
var GetGroupCall = upstream.Call{Service: upstream.ProPortal, Operation: "group", Method: http.MethodGet, Path: "api/crm/workspace/groups/{id}"}

// GetGroup returns one group. It is NotFound when the viewer has none with that id; for
// the other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/groups/{id} («Получить один список»).
func (v *ViewerClient) GetGroup(ctx context.Context, id int64) (*Group, error) {
	return getOne(ctx, v, &GetGroupCall, id, (*reader).readGroup)
}

// ListGroupCustomersCall describes the call of ViewerClient.ListGroupCustomers.
var ListGroupCustomersCall = upstream.Call{Service: upstream.ProPortal, Operation: "groupCustomers", Method: http.MethodGet, Path: "api/crm/workspace/customers/group/{id}"}

// ListGroupCustomers returns the customers of one group, in the CRM's order: those with
// planned or with completed tasks, or all of them when status is empty.
//
// Any other status is Invalid and not sent. It is NotFound when the viewer has no such
// group; for the other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/customers/group/{id} (observed, not in the reference).
func (v *ViewerClient) ListGroupCustomers(ctx context.Context, groupID int64, status TaskStatus) ([]*Customer, error) {
	switch status {
	case "", TaskPlanned, TaskCompleted:
	case TaskOverdue:
		return nil, invalid(&ListGroupCustomersCall, "a group's customers cannot be asked for by overdue tasks")
	default:
		return nil, invalid(&ListGroupCustomersCall, "unknown task status")
	}
	req, err := about(&ListGroupCustomersCall, groupID)
	if err != nil {
		return nil, err
	}
	q := query{}.with("status", string(status))
	return listAll(ctx, v, req, q, func(r *reader, d *jsonread.Decoder) ([]*Customer, upstream.Page, error) {
		return r.readCustomers(d, status)
	})
}

// groupWire is a group in either dialect.
type groupWire struct {
	*reader
	id          slot[int64]
	name        slot[string]
	description slot[string]
	valuation   slot[int]
	customers   slot[int]
	author      slot[int64]
	created     slot[time.Time]
	editor      slot[int64]
	edited      slot[time.Time]
	isPro       slot[bool]
	isPayroll   slot[bool]
	isVisible   slot[bool]
	business    slot[int64]
}

// groupRecord is a Group and what its pointers point to.
type groupRecord struct {
	Group
	description                 string
	valuation, customers        int
	author, editor, business    int64
	created, edited             time.Time
	isPro, isPayroll, isVisible bool
}

// readGroups reads a list of groups; the raw form is a list in a list.
func (r *reader) readGroups(d *jsonread.Decoder) ([]*Group, upstream.Page, error) {
	groups := []*Group{}
	add := func(d *jsonread.Decoder) error {
		if len(groups) == upstream.MaxElements {
			return upstream.TooMany()
		}
		group, err := r.readGroup(d)
		if err == nil {
			groups = append(groups, group)
		}
		return err
	}
	page, err := upstream.ReadList(d, []string{"data"}, func(d *jsonread.Decoder, _ int) error {
		if d.Next() != jsonread.Array {
			return add(d)
		}
		_, err := upstream.ReadList(d, nil, func(d *jsonread.Decoder, _ int) error { return add(d) })
		return err
	})
	return groups, page, err
}

func (r *reader) readGroup(d *jsonread.Decoder) (*Group, error) {
	w := groupWire{reader: r}
	start := r.extra.open()
	if err := r.readMembers(d, w.member); err != nil {
		return nil, err
	}
	if err := w.id.require("id", "spisok_id"); err != nil {
		return nil, err
	}
	if err := w.name.require("name", "spisok_name"); err != nil {
		return nil, err
	}
	g := r.groups.New()
	g.ID = w.id.value
	g.Name = w.name.value
	g.Description = w.description.pointer(&g.description)
	g.Valuation = w.valuation.pointer(&g.valuation)
	g.CustomersCount = w.customers.pointer(&g.customers)
	g.AuthorID = w.author.pointer(&g.author)
	g.CreatedAt = w.created.pointer(&g.created)
	g.EditorID = w.editor.pointer(&g.editor)
	g.EditedAt = w.edited.pointer(&g.edited)
	g.IsPro = w.isPro.pointer(&g.isPro)
	g.IsPayroll = w.isPayroll.pointer(&g.isPayroll)
	g.IsVisible = w.isVisible.pointer(&g.isVisible)
	g.BusinessID = w.business.pointer(&g.business)
	g.Extra = r.takeExtra(start)
	return &g.Group, nil
}

func (w *groupWire) member(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "id":
		return true, w.id.read(d, resource, readID)
	case "spisok_id":
		return true, w.id.read(d, raw, readID)
	case "name":
		return true, w.name.read(d, resource, w.texts.ReadText)
	case "spisok_name":
		return true, w.name.read(d, raw, w.texts.ReadText)
	case "description":
		return true, w.description.read(d, resource, w.readText)
	case "spisok_opisanie":
		return true, w.description.read(d, raw, w.readText)
	case "valuation":
		return true, w.valuation.read(d, resource, readInt)
	case "spisok_ball":
		return true, w.valuation.read(d, raw, readInt)
	case "customers":
		return true, w.customers.read(d, resource, readInt)
	case "customers_count":
		return true, w.customers.read(d, raw, readInt)
	case "author":
		return true, w.author.read(d, resource, readID)
	case "spisok_creator_uid":
		return true, w.author.read(d, raw, readID)
	case "created_at":
		return true, w.created.read(d, resource, readSeconds)
	case "spisok_create_time":
		return true, w.created.read(d, raw, readSeconds)
	case "spisok_edit_uid":
		return true, w.editor.read(d, raw, readID)
	case "spisok_edit_time":
		return true, w.edited.read(d, raw, readSeconds)
	case "spisok_is_pro":
		return true, w.isPro.read(d, raw, readFlag)
	case "spisok_is_payroll":
		return true, w.isPayroll.read(d, raw, readFlag)
	case "is_visible":
		return true, w.isVisible.read(d, raw, readFlag)
	case "business_id":
		return true, w.business.read(d, raw, readID)
	default:
		return false, nil
	}
}
