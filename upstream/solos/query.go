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

// likelyLength is more than most queries have.
const likelyLength = 64

// begin adds all of a parameter but its value.
func (q *query) begin(name string) {
	if q.encoded.Len() == 0 {
		q.encoded.Grow(likelyLength)
	} else {
		q.encoded.WriteByte('&')
	}
	q.encoded.WriteString(name)
	q.encoded.WriteByte('=')
}

func (q *query) add(name, value string) {
	q.begin(name)
	q.encoded.WriteString(url.QueryEscape(value))
}

func (q *query) addNumber(name string, value uint64) {
	q.begin(name)
	q.digits(value)
}

func (q *query) digits(number uint64) {
	var room [20]byte
	q.encoded.Write(strconv.AppendUint(room[:0], number, 10))
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
	q.addNumber("id", id)
}

// page adds count, and offset as the reference's samples do beside every count. A
// count of 0 would ask for nothing instead of leaving the number to the CRM.
func (q *query) page(count, offset int) {
	if count < 0 || offset < 0 {
		q.fail(faultPage)
		return
	}
	if count > 0 {
		q.addNumber("count", uint64(count))
	}
	if count > 0 || offset > 0 {
		q.addNumber("offset", uint64(offset))
	}
}

// filterID, filterDate and filterIDs add a filter unless it is empty.
func (q *query) filterID(id uint64) {
	if id != 0 {
		q.addNumber("filter_id", id)
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
	for i, id := range ids {
		if i == 0 {
			q.addNumber(name, id)
			continue
		}
		q.encoded.WriteByte('_')
		q.digits(id)
	}
}

// flag is how the API spells yes and no.
func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
