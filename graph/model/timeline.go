package model

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// TimelineItem is a Task, an Action or a Payment.
type TimelineItem interface{ IsTimelineItem() }

// TimelineSource is one of the lists a timeline is merged from.
type TimelineSource string

// The sources, in the order in which entries of the same instant stand.
const (
	TimelineTasks    TimelineSource = "TASKS"
	TimelineActions  TimelineSource = "ACTIONS"
	TimelinePayments TimelineSource = "PAYMENTS"
)

// TimelineSources lists all sources in their order.
func TimelineSources() []TimelineSource {
	return []TimelineSource{TimelineTasks, TimelineActions, TimelinePayments}
}

func (s TimelineSource) rank() int { return slices.Index(TimelineSources(), s) }

// TimelineEntry is an item with what it is sorted by. Source, Number and At say where it
// stands: newest first, entries without a date last, and at the same instant by source
// and then by number and project, highest first. No two entries stand at the same place.
type TimelineEntry struct {
	Source  TimelineSource
	Project uint64 // 0 for tasks
	Number  uint64
	At      *time.Time
	Item    TimelineItem
}

func (e TimelineEntry) place() timelinePlace {
	place := timelinePlace{number: e.Number, project: e.Project}
	if e.At != nil {
		place.dated, place.at = true, *e.At
	}
	return place
}

// timelinePlace is where an entry stands among those of its source.
type timelinePlace struct {
	dated   bool
	at      time.Time
	number  uint64
	project uint64
}

func (p timelinePlace) compareTime(q timelinePlace) int {
	switch {
	case p.dated && q.dated:
		return q.at.Compare(p.at)
	case p.dated:
		return -1
	case q.dated:
		return 1
	default:
		return 0
	}
}

func (p timelinePlace) compare(q timelinePlace) int {
	return cmp.Or(p.compareTime(q), cmp.Compare(q.number, p.number), cmp.Compare(q.project, p.project))
}

// TimelineCursor remembers the last entry read of each source. One place for all would
// do while every source answers; with one each, a source that was missing from a page
// is taken up where it was left.
type TimelineCursor struct {
	after map[TimelineSource]timelinePlace
}

// ParseTimelineCursor reads a cursor; one of another list, or of none, is an InputError.
func ParseTimelineCursor(scope Scope, cursor string) (TimelineCursor, error) {
	rest, err := decodeCursor(timelineCursor, scope, cursor)
	if err != nil {
		return TimelineCursor{}, err
	}
	parsed := TimelineCursor{after: map[TimelineSource]timelinePlace{}}
	for _, source := range TimelineSources() {
		var place timelinePlace
		var ok bool
		if place, ok, rest = readPlace(rest); rest == nil {
			return TimelineCursor{}, errBadCursor
		}
		if ok {
			parsed.after[source] = place
		}
	}
	if len(rest) != 0 || parsed.encode(scope) != cursor {
		return TimelineCursor{}, errBadCursor
	}
	return parsed, nil
}

// Places are written as a tag, the instant in seconds and nanoseconds, the number
// and the project.
const (
	placeNone = iota
	placeUndated
	placeDated
)

// readPlace returns the place at the head of bytes and the bytes behind it, which are
// nil if there is none to be read.
func readPlace(bytes []byte) (place timelinePlace, ok bool, rest []byte) {
	if len(bytes) == 0 {
		return place, false, nil
	}
	tag, rest := bytes[0], bytes[1:]
	switch tag {
	case placeNone:
		return place, false, rest
	case placeDated:
		seconds, n := binary.Varint(rest)
		if n <= 0 {
			return place, false, nil
		}
		nanos, m := binary.Uvarint(rest[n:])
		if m <= 0 || nanos >= uint64(time.Second) {
			return place, false, nil
		}
		place.dated, place.at, rest = true, time.Unix(seconds, int64(nanos)).UTC(), rest[n+m:]
	case placeUndated:
	default:
		return place, false, nil
	}
	number, n := binary.Uvarint(rest)
	if n <= 0 {
		return place, false, nil
	}
	project, m := binary.Uvarint(rest[n:])
	if m <= 0 {
		return place, false, nil
	}
	place.number, place.project = number, project
	return place, true, rest[n+m:]
}

func (c TimelineCursor) encode(scope Scope) string {
	var bytes []byte
	for _, source := range TimelineSources() {
		place, ok := c.after[source]
		switch {
		case !ok:
			bytes = append(bytes, placeNone)
			continue
		case place.dated:
			bytes = append(bytes, placeDated)
			bytes = binary.AppendVarint(bytes, place.at.Unix())
			bytes = binary.AppendUvarint(bytes, uint64(place.at.Nanosecond()))
		default:
			bytes = append(bytes, placeUndated)
		}
		bytes = binary.AppendUvarint(bytes, place.number)
		bytes = binary.AppendUvarint(bytes, place.project)
	}
	return encodeCursor(timelineCursor, scope, bytes)
}

// TimelineConnection is a page of a customer's history.
type TimelineConnection struct {
	Nodes      []TimelineItem
	Missing    []TimelineSource
	TotalCount *int

	cursors     []string
	end         string // cursor behind the page, even if it is empty
	hasNext     bool
	hasPrevious bool
}

// TimelineEdge is an entry with its cursor.
type TimelineEdge struct {
	Cursor string
	Node   TimelineItem
}

// NewTimeline merges entries, in any order, and cuts the page of the given length that
// follows after.
func NewTimeline(scope Scope, entries []TimelineEntry, missing []TimelineSource, after TimelineCursor, first int) *TimelineConnection {
	slices.SortFunc(entries, func(a, b TimelineEntry) int {
		p, q := a.place(), b.place()
		return cmp.Or(p.compareTime(q), cmp.Compare(a.Source.rank(), b.Source.rank()), p.compare(q))
	})
	// A missing source may have entries to come.
	page := &TimelineConnection{Nodes: []TimelineItem{}, Missing: missing, hasNext: len(missing) > 0}
	if page.Missing == nil {
		page.Missing = []TimelineSource{}
		total := len(entries)
		page.TotalCount = &total
	}
	reached := TimelineCursor{after: map[TimelineSource]timelinePlace{}}
	for source, place := range after.after {
		reached.after[source] = place
	}
	for _, entry := range entries {
		if place, ok := after.after[entry.Source]; ok && entry.place().compare(place) <= 0 {
			page.hasPrevious = true
			continue
		}
		if len(page.Nodes) == first {
			page.hasNext = true
			break
		}
		reached.after[entry.Source] = entry.place()
		page.Nodes = append(page.Nodes, entry.Item)
		page.cursors = append(page.cursors, reached.encode(scope))
	}
	page.end = reached.encode(scope)
	return page
}

// Edges returns the entries with their cursors.
func (c *TimelineConnection) Edges() []*TimelineEdge {
	edges := make([]*TimelineEdge, len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = &TimelineEdge{Cursor: c.cursors[i], Node: node}
	}
	return edges
}

// PageInfo returns where to go on reading.
func (c *TimelineConnection) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.hasNext, HasPreviousPage: c.hasPrevious}
	if len(c.cursors) > 0 {
		info.StartCursor = &c.cursors[0]
	}
	if c.hasNext || len(c.cursors) > 0 {
		info.EndCursor = &c.end
	}
	return info
}
