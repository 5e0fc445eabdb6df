package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// condition is one condition of a filter.
type condition func(*companyProject) bool

// filterBody is the body of POST /projects/filter. Scalars may be texts or numbers.
type filterBody struct {
	Count       json.RawMessage            `json:"count"`
	Offset      json.RawMessage            `json:"offset"`
	OrderBy     json.RawMessage            `json:"order_by"`
	Reverse     json.RawMessage            `json:"reverse"`
	Deleted     json.RawMessage            `json:"deleted"`
	Condition   json.RawMessage            `json:"condition"`
	Having      json.RawMessage            `json:"having"`
	BuildinData map[string]json.RawMessage `json:"buildin_data"`
	Data        map[string]json.RawMessage `json:"data"`
}

// filterProjects answers with the projects that fit all ("and") or one ("or") of the
// conditions: having, each entry of buildin_data and each entry of data is one.
func (c *company) filterProjects(_ url.Values, body []byte) answer {
	var f filterBody
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return badRequest("body: %v", err)
	}
	l, err := c.parseListing(f.scalar)
	if err != nil {
		return badRequest("%v", err)
	}
	conditions, err := f.conditions()
	if err != nil {
		return badRequest("%v", err)
	}
	switch word := orDefault(f.scalar("condition"), "and"); word {
	case "and":
		return c.answerListing(l, c.candidates(f), func(p *companyProject) bool {
			return !slices.ContainsFunc(conditions, func(fits condition) bool { return !fits(p) })
		})
	case "or":
		return c.answerListing(l, c.projects, func(p *companyProject) bool {
			return len(conditions) == 0 || slices.ContainsFunc(conditions, func(fits condition) bool { return fits(p) })
		})
	default:
		return badRequest("condition: %q is neither \"and\" nor \"or\"", word)
	}
}

// scalar returns a parameter as a text, empty where it was not given.
func (f filterBody) scalar(name string) string {
	raw := map[string]json.RawMessage{
		"count": f.Count, "offset": f.Offset, "order_by": f.OrderBy, "reverse": f.Reverse,
		"deleted": f.Deleted, "condition": f.Condition, "having": f.Having,
	}[name]
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// candidates narrows the projects down by the customer field, where all conditions must hold.
func (c *company) candidates(f filterBody) []*companyProject {
	raw, given := f.Data[c.options.CustomerField]
	if !given {
		return c.projects
	}
	wanted, err := parseValues(raw)
	if err != nil || wanted.null {
		return c.projects
	}
	var candidates []*companyProject
	for text := range wanted.texts {
		candidates = append(candidates, c.byCustomer[text]...)
	}
	return candidates
}

// conditions reads them all. A dynamic field no project has fits none.
func (f filterBody) conditions() ([]condition, error) {
	var conditions []condition
	if having := f.scalar("having"); having != "" {
		fits, err := havingCondition(having)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, fits)
	}
	for name, raw := range f.BuildinData {
		fits, err := builtinCondition(name, raw)
		if err != nil {
			return nil, fmt.Errorf("buildin_data.%s: %w", name, err)
		}
		conditions = append(conditions, fits)
	}
	for name, raw := range f.Data {
		wanted, err := parseValues(raw)
		if err != nil {
			return nil, fmt.Errorf("data.%s: %w", name, err)
		}
		conditions = append(conditions, func(p *companyProject) bool {
			value, known := p.dynamic[name]
			return known && wanted.have(value)
		})
	}
	return conditions, nil
}

func havingCondition(word string) (condition, error) {
	switch word {
	case "actions":
		return func(p *companyProject) bool { return len(p.Actions) > 0 }, nil
	case "payments":
		return func(p *companyProject) bool { return len(p.Payments) > 0 }, nil
	case "tasks":
		return func(p *companyProject) bool { return p.TaskCount > 0 }, nil
	case "goods":
		return func(p *companyProject) bool { return len(p.Goods) > 0 }, nil
	case "no_actions":
		return func(p *companyProject) bool { return len(p.Actions) == 0 }, nil
	case "no_payments":
		return func(p *companyProject) bool { return len(p.Payments) == 0 }, nil
	case "no_tasks":
		return func(p *companyProject) bool { return p.TaskCount == 0 }, nil
	case "no_goods":
		return func(p *companyProject) bool { return len(p.Goods) == 0 }, nil
	case "checklists_expired":
		return func(p *companyProject) bool { return p.checklistExpired }, nil
	default:
		return nil, fmt.Errorf("having: unknown value %q", word)
	}
}

// builtinIDFields are the nine built-in fields that hold ids, beside created and price.
func builtinIDFields() []string {
	return []string{
		"sales_funnel_id", "step_id", "user_id", "group_id", "currency_id",
		"participants_user_id", "participants_group_id", "actions_type_id", "good_id",
	}
}

func builtinCondition(name string, raw json.RawMessage) (condition, error) {
	switch {
	case name == "created":
		return createdCondition(raw)
	case name == "price":
		wanted, err := parseValues(raw)
		if err != nil || wanted.null || len(wanted.texts) != 1 {
			return nil, fmt.Errorf("want one number, not %s", raw)
		}
		return func(p *companyProject) bool { return wanted.have(p.price) }, nil
	case slices.Contains(builtinIDFields(), name):
		var list []uint64
		if json.Unmarshal(raw, &list) != nil {
			var one uint64
			if json.Unmarshal(raw, &one) != nil {
				return nil, fmt.Errorf("want ids, not %s", raw)
			}
			list = []uint64{one}
		}
		return func(p *companyProject) bool {
			return slices.ContainsFunc(p.ids[name], func(id uint64) bool { return slices.Contains(list, id) })
		}, nil
	default:
		return nil, fmt.Errorf("unknown field")
	}
}

// createdCondition reads "from;to". Both ends are days or seconds in Moscow and belong to
// the range; either may be missing. A single day is that day.
func createdCondition(raw json.RawMessage) (condition, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, fmt.Errorf("want \"from;to\", not %s", raw)
	}
	fromText, toText, isRange := strings.Cut(text, ";")
	if !isRange {
		toText = fromText
	}
	var from, before time.Time
	var err error
	if fromText != "" {
		if from, _, err = parseMoment(fromText); err != nil {
			return nil, err
		}
	}
	if toText != "" {
		if _, before, err = parseMoment(toText); err != nil {
			return nil, err
		}
	}
	return func(p *companyProject) bool {
		return !p.CreatedAt.Before(from) && (before.IsZero() || p.CreatedAt.Before(before))
	}, nil
}

// parseMoment reads a day or a second in Moscow: when it starts and when the next one does.
func parseMoment(text string) (start, next time.Time, err error) {
	if start, err = time.ParseInLocation(time.DateTime, text, moscow()); err == nil {
		return start, start.Add(time.Second), nil
	}
	if start, err = parseDay(text); err != nil {
		return time.Time{}, time.Time{}, err
	}
	return start, start.AddDate(0, 0, 1), nil
}

// values is what a field may be: any of the canonical texts, or null.
type values struct {
	texts map[string]bool
	null  bool
}

func (v values) have(text *string) bool {
	if text == nil {
		return v.null
	}
	return v.texts[*text]
}

// parseValues reads one value or an array of them; numbers and their texts are alike.
func parseValues(raw json.RawMessage) (values, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || string(raw) == "null" {
		list = []json.RawMessage{raw}
	}
	v := values{texts: make(map[string]bool, len(list))}
	for _, item := range list {
		decoder := json.NewDecoder(bytes.NewReader(item))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			return values{}, err
		}
		switch value := value.(type) {
		case nil:
			v.null = true
		case string:
			v.texts[canonical(value)] = true
		case json.Number:
			v.texts[canonical(value.String())] = true
		default:
			return values{}, fmt.Errorf("want a value or an array of values, not %s", item)
		}
	}
	return v, nil
}
