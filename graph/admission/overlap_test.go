package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph/admission"
)

// dogsSDL is the schema of the examples in the specification, section 5.3.2, with what the
// documents around its fragments need.
const dogsSDL = `
type Query { dog: Dog pet: Pet }
enum DogCommand { SIT DOWN HEEL }
enum CatCommand { JUMP }
interface Pet { name: String! }
type Dog implements Pet {
	name: String! nickname: String barkVolume: Int
	doesKnowCommand(dogCommand: DogCommand!): Boolean!
	isHouseTrained(atOtherHomes: Boolean): Boolean!
	extra: DogExtra extras: [DogExtra] mother: Dog!
}
type Cat implements Pet {
	name: String! nickname: String meowVolume: Int
	doesKnowCommand(catCommand: CatCommand!): Boolean!
	extra: CatExtra extras: [CatExtra] mother: Cat
}
type DogExtra { string: String noString: Int }
type CatExtra { string: Int noString: String }
`

// TestExamplesOfTheSpecification has the examples of section 5.3.2, Field Selection Merging,
// and of the documents for which its second half, the shapes of responses, is there.
func TestExamplesOfTheSpecification(t *testing.T) {
	t.Parallel()
	schema := load(t, dogsSDL)
	gate := newGate(t, schema, admission.Options{})
	tests := []struct {
		name, query string
		conflict    string // the response name, "" if the fields can be merged
	}{
		{"mergeIdenticalFields", "{dog{...f}} fragment f on Dog{name name}", ""},
		{"mergeIdenticalAliasesAndFields", "{dog{...f}} fragment f on Dog{otherName: name otherName: name}", ""},
		{"conflictingBecauseAlias", "{dog{...f}} fragment f on Dog{name: nickname name}", "name"},
		{
			"mergeIdenticalFieldsWithIdenticalArgs",
			"{dog{...f}} fragment f on Dog{doesKnowCommand(dogCommand: SIT) doesKnowCommand(dogCommand: SIT)}", "",
		},
		{
			"mergeIdenticalFieldsWithIdenticalValues",
			"query($dogCommand: DogCommand!){dog{...f}} fragment f on Dog{doesKnowCommand(dogCommand: $dogCommand) doesKnowCommand(dogCommand: $dogCommand)}", "",
		},
		{
			"conflictingArgsOnValues",
			"{dog{...f}} fragment f on Dog{doesKnowCommand(dogCommand: SIT) doesKnowCommand(dogCommand: HEEL)}", "doesKnowCommand",
		},
		{
			"conflictingArgsValueAndVar",
			"query($dogCommand: DogCommand!){dog{...f}} fragment f on Dog{doesKnowCommand(dogCommand: SIT) doesKnowCommand(dogCommand: $dogCommand)}", "doesKnowCommand",
		},
		{
			"conflictingArgsWithVars",
			"query($varOne: DogCommand! $varTwo: DogCommand!){dog{...f}} fragment f on Dog{doesKnowCommand(dogCommand: $varOne) doesKnowCommand(dogCommand: $varTwo)}", "doesKnowCommand",
		},
		{
			"differingArgs",
			"{dog{...f}} fragment f on Dog{doesKnowCommand(dogCommand: SIT) doesKnowCommand: isHouseTrained(atOtherHomes: true)}", "doesKnowCommand",
		},
		{
			"safeDifferingFields",
			"{pet{...f}} fragment f on Pet{...on Dog{volume: barkVolume} ...on Cat{volume: meowVolume}}", "",
		},
		{
			"safeDifferingArgs",
			"{pet{...f}} fragment f on Pet{...on Dog{doesKnowCommand(dogCommand: SIT)} ...on Cat{doesKnowCommand(catCommand: JUMP)}}", "",
		},
		{
			"conflictingDifferingResponses",
			"{pet{...f}} fragment f on Pet{...on Dog{someValue: nickname} ...on Cat{someValue: meowVolume}}", "someValue",
		},
		{
			"shapes below fields of different types",
			"{pet{...on Dog{extra{string}} ...on Cat{extra{string}}}}", "string",
		},
		{
			"different fields of one shape below fields of different types",
			"{pet{...on Dog{extra{string}} ...on Cat{extra{string: noString}}}}", "",
		},
		{"a list and none", "{pet{...on Dog{extra: extras{string}} ...on Cat{extra{string: noString}}}}", "extra"},
		{"null and no null", "{pet{...on Dog{mother{name}} ...on Cat{mother{name}}}}", "mother"},
		{"an interface beside a type", "{pet{name ...on Dog{name: nickname}}}", "name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, errs := gate.Admit(t.Context(), test.query)
			switch {
			case test.conflict == "":
				if len(errs) > 0 {
					t.Errorf("got %v, want that it is admitted", errs)
				}
			case len(errs) != 1 || !strings.HasPrefix(errs[0].Message, `Fields "`+test.conflict+`" conflict`):
				t.Errorf("got %v, want that %s conflicts", errs, test.conflict)
			}
			if known := stock(schema, test.query, rules.OverlappingFieldsCanBeMergedRule); (len(known) > 0) != (test.conflict != "") {
				t.Errorf("gqlparser says %v", known)
			}
		})
	}
}

// TestOverlapsAreBounded: a document whose selection sets merge in exponentially many ways
// is refused, not followed to its end.
func TestOverlapsAreBounded(t *testing.T) {
	t.Parallel()
	gate := newGate(t, pets(t), admission.Options{Limits: unlimited})
	// Which fragments of one level meet depends on every alias on the way to them.
	const levels = 24
	var text strings.Builder
	text.WriteString("{pet{...F0_0}}")
	for level := range levels {
		fmt.Fprintf(&text, " fragment F%d_0 on Pet{a:friend{...F%[2]d_0 ...F%[2]d_1} b:friend{...F%[2]d_0}}", level, level+1)
		for i := 1; i <= level; i++ {
			fmt.Fprintf(&text, " fragment F%d_%d on Pet{a:friend{...F%d_%d} b:friend{...F%[3]d_%[4]d}}", level, i, level+1, i+1)
		}
	}
	for i := range levels + 1 {
		fmt.Fprintf(&text, " fragment F%d_%d on Pet{name}", levels, i)
	}
	_, errs := gate.Admit(t.Context(), text.String())
	if len(errs) != 1 || errs[0].Extensions["code"] != "QUERY_TOO_MUCH_OVERLAP" {
		t.Errorf("got %v, want QUERY_TOO_MUCH_OVERLAP", errs)
	}
}
