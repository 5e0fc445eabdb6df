package solos

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// Project is a sale on its way through a funnel. Pointers and lists are nil where the
// CRM sent nothing; a list is empty where it sent an empty one.
type Project struct {
	ID                  uint64
	Name                *string
	Price               *upstream.Decimal // in the currency of CurrencyID
	CurrencyID          *uint64
	CreatedAt           *time.Time // UTC
	IsDeleted           *bool
	SalesFunnelID       *uint64
	StepID              *uint64
	UserID              *uint64
	GroupID             *uint64
	ParticipantUserIDs  []uint64
	ParticipantGroupIDs []uint64
	Fields              []Field         // the dynamic fields, in the CRM's order
	Extra               json.RawMessage // a JSON object of what has no field here; nil if nothing

	CustomerID  *int64 // the ProPortal customer, from Options.CustomerField
	CustomerErr error  // an *upstream.Error, Malformed, if that field holds no customer id
}

// Field is one dynamic field of a project.
type Field struct {
	Name  string
	Value json.RawMessage // any JSON, compact; null is kept
}

// List is a slice of a list and, where the CRM told it, the length of the whole.
type List[T any] struct {
	Items []T
	Total int // -1 when not known
}

// ProjectsOptions are the parameters both project lists share.
type ProjectsOptions struct {
	Count      int // at most so many; 0 leaves it to the CRM
	Offset     int
	OrderBy    string // a built-in or dynamic field; empty leaves it to the CRM
	Descending bool
	Deleted    bool // deleted projects instead of active ones
}

// ListProjectsCall describes the call of Client.ListProjects.
var ListProjectsCall = upstream.Call{Service: upstream.Solos, Operation: "projects", Method: http.MethodGet, Path: "projects"}

// ListProjects returns projects with all their dynamic fields, at most opts.Count of
// them: active ones, or deleted ones if opts.Deleted. Times are UTC.
//
// Errors: Invalid for arguments that cannot be sent, Rejected, RateLimited, Timeout,
// Unavailable, Malformed with the field, Canceled.
//
// Source: GET /projects («Проекты»).
func (c *Client) ListProjects(ctx context.Context, opts ProjectsOptions) (List[*Project], error) {
	var q query
	q.page(opts.Count, opts.Offset)
	if opts.OrderBy != "" {
		q.add("order_by", opts.OrderBy)
	}
	q.add("reverse", flag(opts.Descending))
	q.add("deleted", flag(opts.Deleted))
	return get(ctx, c, &ListProjectsCall, 0, &q, (*reader).readProjects)
}

// GetProjectCall describes the call of Client.GetProject.
var GetProjectCall = upstream.Call{Service: upstream.Solos, Operation: "project", Method: http.MethodGet, Path: "projects/info"}

// GetProject returns one project with all its dynamic fields. Times are UTC.
//
// Errors: NotFound, also for an empty answer; Invalid for an id of 0, Rejected,
// RateLimited, Timeout, Unavailable, Malformed with the field, Canceled.
//
// Source: GET /projects/info («Проект»).
func (c *Client) GetProject(ctx context.Context, id uint64) (*Project, error) {
	var q query
	q.id(id)
	return get(ctx, c, &GetProjectCall, 0, &q, func(r *reader, d *jsonread.Decoder) (*Project, error) {
		project, err := readOne(r, d, c.names.project, (*reader).readProject)
		if err == nil && project.ID != id {
			err = errOtherID
		}
		return project, err
	})
}

// projectRecord is a Project and what its pointers point to.
type projectRecord struct {
	Project
	name                                               string
	price                                              upstream.Decimal
	currencyID, salesFunnelID, stepID, userID, groupID uint64
	createdAt                                          time.Time
	isDeleted                                          bool
	customerID                                         int64
}

func (r *reader) readProjects(d *jsonread.Decoder) (List[*Project], error) {
	return readList(r, d, (*reader).readProject)
}

func (r *reader) readProject(d *jsonread.Decoder) (*Project, error) {
	p := r.projects.New()
	extra, err := r.object(d, r.names.project, p)
	if err != nil {
		return nil, err
	}
	if p.ID == 0 {
		return nil, errMissingID
	}
	p.Extra = extra
	r.findCustomer(p)
	return &p.Project, nil
}

func (p *projectRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		p.ID, err = readID(d)
	case "name":
		p.Name, err = r.readText(d, &p.name)
	case "price":
		p.Price, err = r.readDecimal(d, &p.price)
	case "currencyId":
		p.CurrencyID, err = readRef(d, &p.currencyID)
	case "createdAt":
		p.CreatedAt, err = r.readTime(d, &p.createdAt)
	case "isDeleted":
		p.IsDeleted, err = readBool(d, &p.isDeleted)
	case "salesFunnelId":
		p.SalesFunnelID, err = readRef(d, &p.salesFunnelID)
	case "stepId":
		p.StepID, err = readRef(d, &p.stepID)
	case "userId":
		p.UserID, err = readRef(d, &p.userID)
	case "groupId":
		p.GroupID, err = readRef(d, &p.groupID)
	case "participantUserIds":
		p.ParticipantUserIDs, err = r.readIDs(d)
	case "participantGroupIds":
		p.ParticipantGroupIDs, err = r.readIDs(d)
	case "fields":
		p.Fields, err = r.readFields(d)
	}
	return err
}
