package solos

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// Action is something that happened in a project. Pointers are nil where the CRM sent
// nothing.
type Action struct {
	ID        uint64
	ProjectID *uint64 // nil only where GetAction was not told it
	TypeID    *uint64
	TypeName  *string
	Date      *time.Time // UTC
	UserID    *uint64
	Text      *string
	Extra     json.RawMessage // a JSON object of what has no field here; nil if nothing
}

// ActionsOptions are the filters of ListActions; empty ones are not sent.
type ActionsOptions struct {
	Count, Offset int
	ID            uint64
	Date          upstream.Date
	TypeIDs       []uint64
}

// ListActionsCall describes the call of Client.ListActions.
var ListActionsCall = upstream.Call{Service: upstream.Solos, Operation: "actions", Method: http.MethodGet, Path: "projects/actions"}

// ListActions returns what happened in a project, in the CRM's order, at most opts.Count
// actions. Times are UTC.
//
// Errors: Invalid for arguments that cannot be sent, NotFound, Rejected, RateLimited,
// Timeout, Unavailable, Malformed with the field, Canceled.
//
// Source: GET /projects/actions («События проекта»).
func (c *Client) ListActions(ctx context.Context, projectID uint64, opts ActionsOptions) (List[*Action], error) {
	var q query
	q.id(projectID)
	q.page(opts.Count, opts.Offset)
	q.filterID(opts.ID)
	q.filterDate(opts.Date)
	q.filterIDs("filter_actions", opts.TypeIDs)
	return get(ctx, c, &ListActionsCall, projectID, &q, (*reader).readActions)
}

// GetActionCall describes the call of Client.GetAction.
var GetActionCall = upstream.Call{Service: upstream.Solos, Operation: "action", Method: http.MethodGet, Path: "projects/actions/info"}

// GetAction returns one action. Times are UTC.
//
// Errors: NotFound, also for an empty answer; Invalid for an id of 0, Rejected,
// RateLimited, Timeout, Unavailable, Malformed with the field, Canceled.
//
// Source: GET /projects/actions/info («Событие проекта»).
func (c *Client) GetAction(ctx context.Context, id uint64) (*Action, error) {
	var q query
	q.id(id)
	return get(ctx, c, &GetActionCall, 0, &q, func(r *reader, d *jsonread.Decoder) (*Action, error) {
		action, err := readOne(r, d, c.names.action, (*reader).action)
		if err == nil && action.ID != id {
			err = errOtherID
		}
		return action, err
	})
}

// actionRecord is an Action and what its pointers point to.
type actionRecord struct {
	Action
	projectID, typeID, userID uint64
	typeName, text            string
	date                      time.Time
}

func (r *reader) readActions(d *jsonread.Decoder) (List[*Action], error) {
	return readList(r, d, (*reader).action)
}

func (r *reader) action(d *jsonread.Decoder) (*Action, error) {
	a := r.actions.New()
	a.projectID = r.project
	extra, err := r.object(d, r.names.action, a)
	if err != nil {
		return nil, err
	}
	if a.ID == 0 {
		return nil, errMissingID
	}
	if a.projectID != 0 {
		a.ProjectID = &a.projectID
	}
	a.Extra = extra
	return &a.Action, nil
}

func (a *actionRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		a.ID, err = readID(d)
	case "projectId":
		a.projectID, err = r.readProjectID(d)
	case "typeId":
		a.TypeID, err = readRef(d, &a.typeID)
	case "typeName":
		a.TypeName, err = r.readText(d, &a.typeName)
	case "date":
		a.Date, err = r.readTime(d, &a.date)
	case "userId":
		a.UserID, err = readRef(d, &a.userID)
	case "text":
		a.Text, err = r.readText(d, &a.text)
	}
	return err
}
