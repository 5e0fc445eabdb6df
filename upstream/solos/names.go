package solos

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// spelling lists the names a field may have on the wire, the preferred one first.
type spelling struct {
	field string
	names []string
}

// The types an installation's spellings are configured for.
const (
	typeProject       = "project"
	typeStep          = "step"
	typeAction        = "action"
	typeChecklist     = "checklist"
	typeChecklistItem = "checklistItem"
	typeGood          = "good"
	typePayment       = "payment"
)

// numberOfTypes is how many these are.
const numberOfTypes = 7

// typeNames lists the types in the order messages name them.
func typeNames() []string {
	return []string{typeProject, typeStep, typeAction, typeChecklist, typeChecklistItem, typeGood, typePayment}
}

// builtIn is the one table of spellings. The reference shows no answers: names come
// from its request parameters where those have them.
func builtIn(typeName string) []spelling {
	switch typeName {
	case typeProject:
		return []spelling{
			{"id", []string{"id"}},
			{"name", []string{"name", "title"}},
			{"price", []string{"price", "sum", "budget", "amount"}},
			{"currencyId", []string{"currency_id"}},
			{"createdAt", []string{"created", "created_at", "date_create"}},
			{"isDeleted", []string{"deleted", "is_deleted"}},
			{"salesFunnelId", []string{"sales_funnel_id"}},
			{"stepId", []string{"step_id"}},
			{"userId", []string{"user_id"}},
			{"groupId", []string{"group_id"}},
			{"participantUserIds", []string{"participants_user_id"}},
			{"participantGroupIds", []string{"participants_group_id"}},
			{"fields", []string{"data", "fields", "custom_fields"}},
		}
	case typeStep:
		return []spelling{
			{"id", []string{"id"}},
			{"projectId", []string{"project_id"}},
			{"stepId", []string{"step_id"}},
			{"name", []string{"name", "title"}},
			{"date", []string{"date", "created", "datetime"}},
			{"userId", []string{"user_id", "creator_id"}},
			{"comment", []string{"comment", "text", "description"}},
		}
	case typeAction:
		return []spelling{
			{"id", []string{"id"}},
			{"projectId", []string{"project_id"}},
			{"typeId", []string{"type_id", "actions_type_id", "action_id"}},
			{"typeName", []string{"type", "type_name", "name"}},
			{"date", []string{"date", "created", "datetime"}},
			{"userId", []string{"user_id"}},
			{"text", []string{"text", "comment", "description"}},
		}
	case typeChecklist:
		return []spelling{
			{"id", []string{"id"}},
			{"projectId", []string{"project_id"}},
			{"name", []string{"name"}},
			{"isExpired", []string{"expired", "is_expired"}},
			{"items", []string{"items", "tasks", "points"}},
		}
	case typeChecklistItem:
		return []spelling{
			{"id", []string{"id"}},
			{"name", []string{"name"}},
			{"isDone", []string{"done", "is_done", "checked", "completed"}},
			{"deadline", []string{"deadline", "date_end", "date"}},
		}
	case typeGood:
		return []spelling{
			{"id", []string{"id"}},
			{"projectId", []string{"project_id"}},
			{"goodId", []string{"good_id", "product_id"}},
			{"name", []string{"name"}},
			{"quantity", []string{"quantity", "count", "amount"}},
			{"price", []string{"price"}},
			{"currencyId", []string{"currency_id"}},
			{"sum", []string{"sum", "total"}},
		}
	case typePayment:
		return []spelling{
			{"id", []string{"id"}},
			{"projectId", []string{"project_id"}},
			{"type", []string{"type"}},
			{"date", []string{"date", "created", "datetime"}},
			{"sum", []string{"sum", "amount", "price", "value"}},
			{"currencyId", []string{"currency_id"}},
			{"comment", []string{"comment"}},
		}
	default:
		return nil
	}
}

// maxFields is more than any type has.
const maxFields = 16

// place is what one name on the wire means.
type place struct {
	name  string // as it is spelled on the wire
	field string
	index int // of the field within its type
	rank  int // 0 for the preferred spelling
}

// names has what each name on the wire means for one type.
type names struct {
	typeNumber int // among typeNames
	// byLength has those of n bytes at n. So few have the same length that comparing them is
	// faster than hashing.
	byLength [][]place
}

// find returns what key means, nil for nothing.
func (n names) find(key []byte) *place {
	if len(key) >= len(n.byLength) {
		return nil
	}
	alike := n.byLength[len(key)]
	for i := range alike {
		// Most differ in the first letter. What is no name at all has no letters and none alike.
		if p := &alike[i]; p.name[0] == key[0] && p.name == string(key) {
			return p
		}
	}
	return nil
}

// nameTables maps the spellings of an installation to fields.
type nameTables struct {
	project, step, action, checklist, checklistItem, good, payment names
}

// newNameTables puts the configured spellings in front of the built-in ones.
func newNameTables(aliases map[string]map[string][]string) (*nameTables, error) {
	var faults []error
	for _, typeName := range slices.Sorted(maps.Keys(aliases)) {
		if !slices.Contains(typeNames(), typeName) {
			faults = append(faults, fmt.Errorf("unknown type %q: want one of %s", typeName, strings.Join(typeNames(), ", ")))
		}
	}
	build := func(typeName string) names {
		table, err := newNames(typeName, aliases[typeName])
		if err != nil {
			faults = append(faults, err)
		}
		return table
	}
	tables := &nameTables{
		project:       build(typeProject),
		step:          build(typeStep),
		action:        build(typeAction),
		checklist:     build(typeChecklist),
		checklistItem: build(typeChecklistItem),
		good:          build(typeGood),
		payment:       build(typePayment),
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("aliases: %w", err)
	}
	return tables, nil
}

// newNames builds the table of one type. A name that is configured for one field is
// taken from every other field that has it built in.
func newNames(typeName string, configured map[string][]string) (names, error) {
	spellings := builtIn(typeName)
	var faults []error
	for _, field := range slices.Sorted(maps.Keys(configured)) {
		if !slices.ContainsFunc(spellings, func(s spelling) bool { return s.field == field }) {
			faults = append(faults, fmt.Errorf("unknown field %q of %s: want one of %s", field, typeName, fieldNames(spellings)))
		}
	}
	table := map[string]place{}
	ranks := make([]int, len(spellings))
	claim := func(index int, name string) {
		table[name] = place{name: name, field: spellings[index].field, index: index, rank: ranks[index]}
		ranks[index]++
	}
	for index, s := range spellings {
		for _, name := range configured[s.field] {
			taken, isTaken := table[name]
			switch {
			case name == "":
				faults = append(faults, fmt.Errorf("empty name for %s.%s", typeName, s.field))
			case isTaken:
				faults = append(faults, fmt.Errorf("name %q given to %s.%s and to %s.%s", name, typeName, taken.field, typeName, s.field))
			default:
				claim(index, name)
			}
		}
	}
	for index, s := range spellings {
		for _, name := range s.names {
			if _, isTaken := table[name]; !isTaken {
				claim(index, name)
			}
		}
	}
	return names{typeNumber: slices.Index(typeNames(), typeName), byLength: byLength(table)}, errors.Join(faults...)
}

func byLength(table map[string]place) [][]place {
	var n [][]place
	for _, name := range slices.Sorted(maps.Keys(table)) {
		for len(n) <= len(name) {
			n = append(n, nil)
		}
		n[len(name)] = append(n[len(name)], table[name])
	}
	return n
}

func fieldNames(spellings []spelling) string {
	fields := make([]string, len(spellings))
	for i, s := range spellings {
		fields[i] = s.field
	}
	return strings.Join(fields, ", ")
}
