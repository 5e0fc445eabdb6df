package solos

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// Checklist is a list of things to be done in a project. Pointers and Items are nil
// where the CRM sent nothing.
type Checklist struct {
	ID        uint64
	ProjectID uint64
	Name      *string
	IsExpired *bool
	Items     []*ChecklistItem
	Extra     json.RawMessage // a JSON object of what has no field here; nil if nothing
}

// ChecklistItem is one thing to be done. Pointers are nil where the CRM sent nothing.
type ChecklistItem struct {
	ID       *uint64
	Name     *string
	IsDone   *bool
	Deadline *time.Time      // UTC; a bare date is the start of that day in the CRM's zone
	Extra    json.RawMessage // a JSON object of what has no field here; nil if nothing
}

// ListChecklistsCall describes the call of Client.ListChecklists.
var ListChecklistsCall = upstream.Call{Service: upstream.Solos, Operation: "checklists", Method: http.MethodGet, Path: "projects/checklists"}

// ListChecklists returns the checklists of a project with their items, in the CRM's
// order. Items is nil where the CRM sent none, empty where it sent an empty list.
// Deadlines are UTC.
//
// Errors: Invalid for an id of 0, NotFound, Rejected, RateLimited, Timeout, Unavailable,
// Malformed with the field, Canceled.
//
// Source: GET /projects/checklists («Чек-лист проекта»).
func (c *Client) ListChecklists(ctx context.Context, projectID uint64) ([]*Checklist, error) {
	var q query
	q.id(projectID)
	list, err := get(ctx, c, &ListChecklistsCall, projectID, &q, (*reader).readChecklists)
	return list.Items, err
}

// checklistRecord is a Checklist and what its pointers point to.
type checklistRecord struct {
	Checklist
	name      string
	isExpired bool
}

func (r *reader) readChecklists(d *jsonread.Decoder) (List[*Checklist], error) {
	return readList(r, d, (*reader).checklist)
}

func (r *reader) checklist(d *jsonread.Decoder) (*Checklist, error) {
	c := r.checklists.New()
	c.ProjectID = r.project
	extra, err := r.object(d, r.names.checklist, c)
	if err != nil {
		return nil, err
	}
	if c.ID == 0 {
		return nil, errMissingID
	}
	c.Extra = extra
	return &c.Checklist, nil
}

func (c *checklistRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		c.ID, err = readID(d)
	case "projectId":
		c.ProjectID, err = r.readProjectID(d)
	case "name":
		c.Name, err = r.readText(d, &c.name)
	case "isExpired":
		c.IsExpired, err = readBool(d, &c.isExpired)
	case "items":
		c.Items, err = r.readItems(d)
	}
	return err
}

func (r *reader) readItems(d *jsonread.Decoder) ([]*ChecklistItem, error) {
	switch d.Next() {
	case jsonread.Null:
		return nil, d.Null()
	case jsonread.Array:
	default:
		return nil, upstream.Unreadable("a list was due")
	}
	elements := d.Elements()
	items := []*ChecklistItem{}
	for elements.Next() {
		if len(items) == upstream.MaxElements {
			return nil, upstream.TooMany()
		}
		item, err := r.checklistItem(d)
		if err != nil {
			return nil, upstream.AtIndex(len(items), err)
		}
		items = append(items, item)
	}
	return items, elements.Err()
}

// checklistItemRecord is a ChecklistItem and what its pointers point to.
type checklistItemRecord struct {
	ChecklistItem
	id       uint64
	name     string
	isDone   bool
	deadline time.Time
}

func (r *reader) checklistItem(d *jsonread.Decoder) (*ChecklistItem, error) {
	i := r.checklistItems.New()
	extra, err := r.object(d, r.names.checklistItem, i)
	if err != nil {
		return nil, err
	}
	i.Extra = extra
	return &i.ChecklistItem, nil
}

func (i *checklistItemRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		i.ID, err = readRef(d, &i.id)
	case "name":
		i.Name, err = r.readText(d, &i.name)
	case "isDone":
		i.IsDone, err = readBool(d, &i.isDone)
	case "deadline":
		i.Deadline, err = r.readTime(d, &i.deadline)
	}
	return err
}
