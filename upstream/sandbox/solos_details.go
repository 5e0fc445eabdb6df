package sandbox

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// detail is what the lists below a project share: whose they are, and which entries are wanted.
type detail struct {
	window
	// project is nil where there is none of the id asked for.
	project *companyProject
	// entryID, types and day are the filters; zero values filter nothing.
	entryID *uint64
	types   map[uint64]bool
	day     *time.Time
}

// parseDetail reads the parameters; typesName is the one that lists ids joined by "_".
func (c *company) parseDetail(query url.Values, typesName string) (detail, error) {
	id, err := strconv.ParseUint(query.Get("id"), 10, 64)
	if err != nil {
		return detail{}, fmt.Errorf("id: %q is no uint", query.Get("id"))
	}
	d := detail{project: c.byID[id]}
	if d.window, err = parseWindow(query.Get("count"), query.Get("offset")); err != nil {
		return detail{}, err
	}
	if text := query.Get("filter_id"); text != "" {
		entryID, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return detail{}, fmt.Errorf("filter_id: %q is no uint", text)
		}
		d.entryID = &entryID
	}
	if text := query.Get("filter_date"); text != "" {
		day, err := parseDay(text)
		if err != nil {
			return detail{}, fmt.Errorf("filter_date: %w", err)
		}
		d.day = &day
	}
	if text := query.Get(typesName); text != "" {
		d.types = map[uint64]bool{}
		for part := range strings.SplitSeq(text, "_") {
			id, err := strconv.ParseUint(part, 10, 64)
			if err != nil {
				return detail{}, fmt.Errorf("%s: %q is no uint", typesName, part)
			}
			d.types[id] = true
		}
	}
	return d, nil
}

// wants tells whether the filters let an entry through.
func (d detail) wants(entryID, typeID uint64, date time.Time) bool {
	if d.entryID != nil && *d.entryID != entryID {
		return false
	}
	if d.types != nil && !d.types[typeID] {
		return false
	}
	return d.day == nil || moscowDay(date).Equal(*d.day)
}

// steps has no window, so that count and offset are not its parameters.
func (c *company) steps(query url.Values, _ []byte) answer {
	query.Del("count")
	query.Del("offset")
	query.Del("filter_id")
	d, err := c.parseDetail(query, "filter_steps")
	if err != nil {
		return badRequest("%v", err)
	}
	var items [][]byte
	if d.project != nil {
		for _, s := range d.project.Steps {
			if d.wants(s.ID, s.StepID, s.Date) {
				items = append(items, c.form(s.reference(), s.resource(d.project.ID)))
			}
		}
	}
	return c.list(items, len(items))
}

func (c *company) listActions(query url.Values, _ []byte) answer {
	d, err := c.parseDetail(query, "filter_actions")
	if err != nil {
		return badRequest("%v", err)
	}
	var items [][]byte
	if d.project != nil {
		for _, a := range d.project.Actions {
			if d.wants(a.ID, a.TypeID, a.Date) {
				items = append(items, c.form(a.reference(d.project.ID), a.resource(d.project.ID)))
			}
		}
	}
	return c.list(cut(d.window, items), len(items))
}

func (c *company) action(query url.Values, _ []byte) answer {
	id, err := strconv.ParseUint(query.Get("id"), 10, 64)
	if err != nil {
		return badRequest("id: %q is no uint", query.Get("id"))
	}
	a, found := c.actions[id]
	if !found {
		return c.missing()
	}
	return c.object(c.form(a.reference(a.projectID), a.resource(a.projectID)))
}

func (c *company) payments(query url.Values, _ []byte) answer {
	d, err := c.parseDetail(query, "filter_type")
	if err != nil {
		return badRequest("%v", err)
	}
	if len(d.types) > 1 || (d.types != nil && !d.types[PaymentWriteOff] && !d.types[PaymentReceipt]) {
		return badRequest("filter_type: %q is neither \"0\" nor \"1\"", query.Get("filter_type"))
	}
	var items [][]byte
	if d.project != nil {
		for _, p := range d.project.Payments {
			if d.wants(p.ID, uint64(p.Type), p.Date) {
				items = append(items, c.form(p.reference(), p.resource(d.project.ID)))
			}
		}
	}
	return c.list(cut(d.window, items), len(items))
}

func (c *company) checklists(query url.Values, _ []byte) answer {
	d, err := c.parseDetail(url.Values{"id": query["id"]}, "")
	if err != nil {
		return badRequest("%v", err)
	}
	var items [][]byte
	if d.project != nil {
		for _, list := range d.project.Checklists {
			items = append(items, c.form(list.reference(), list.resource(d.project.ID)))
		}
	}
	return c.list(items, len(items))
}

func (c *company) goods(query url.Values, _ []byte) answer {
	d, err := c.parseDetail(url.Values{"id": query["id"]}, "")
	if err != nil {
		return badRequest("%v", err)
	}
	var items [][]byte
	if d.project != nil {
		for _, good := range d.project.Goods {
			items = append(items, c.form(good.reference(), good.resource(d.project.ID)))
		}
	}
	return c.list(items, len(items))
}
