package solos

import (
	"net/url"
	"strconv"
	"strings"

	"crmgraph/upstream"
)

// Faults of arguments that several calls share.
const (
	faultPage = "count and offset must not be negative"
	faultDate = "a date must be a day written YYYY-MM-DD"
)

// query collects the parameters of a GET in the order the reference has them, and the
// first argument that is none.
type query struct {
	encoded strings.Builder
	named   string // the number of the object that is asked for, "" for none
	fault   string
}

func (q *query) add(name, value string) {
	if q.encoded.Len() > 0 {
		q.encoded.WriteByte('&')
	}
	q.encoded.WriteString(name)
	q.encoded.WriteByte('=')
	q.encoded.WriteString(url.QueryEscape(value))
}

func (q *query) fail(reason string) {
	if q.fault == "" {
		q.fault = reason
	}
}

// id adds the id of what is asked for.
func (q *query) id(id uint64) {
	if id == 0 {
		q.fail("an id must be positive")
	}
	q.named = strconv.FormatUint(id, 10)
	q.add("id", q.named)
}

// page adds count, and offset as the reference's samples do beside every count. A
// count of 0 would ask for nothing instead of leaving the number to the CRM.
func (q *query) page(count, offset int) {
	if count < 0 || offset < 0 {
		q.fail(faultPage)
	}
	if count > 0 {
		q.add("count", strconv.Itoa(count))
	}
	if count > 0 || offset > 0 {
		q.add("offset", strconv.Itoa(offset))
	}
}

// filterID, filterDate and filterIDs add a filter unless it is empty.
func (q *query) filterID(id uint64) {
	if id != 0 {
		q.add("filter_id", strconv.FormatUint(id, 10))
	}
}

func (q *query) filterDate(day upstream.Date) {
	if day == "" {
		return
	}
	if _, ok := upstream.ParseDate(string(day)); !ok {
		q.fail(faultDate)
	}
	q.add("filter_date", string(day))
}

func (q *query) filterIDs(name string, ids []uint64) {
	if len(ids) == 0 {
		return
	}
	joined := make([]string, len(ids))
	for i, id := range ids {
		joined[i] = strconv.FormatUint(id, 10)
	}
	q.add(name, strings.Join(joined, "_"))
}

// flag is how the API spells yes and no.
func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
