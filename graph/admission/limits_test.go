package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/admission"
)

// TestLimits has for each limit a document that is right at it and one that is over it.
func TestLimits(t *testing.T) {
	t.Parallel()
	schema := pets(t)
	tests := []struct {
		code     string
		limits   admission.Limits
		at, over string
		value    int // of the document that is over it
	}{
		{"QUERY_TOO_LONG", admission.Limits{MaxBytes: 11}, "{pet{name}}", "{pet{name} }", 12},
		{"QUERY_TOO_MANY_TOKENS", admission.Limits{MaxTokens: 6}, "{pet{name}}", "{pet{x:name}}", 7},
		{"QUERY_TOO_MANY_TOKENS", admission.Limits{MaxTokens: 6}, "{pet{name}}", "#\n{pet{name}}", 7},
		{"QUERY_NESTED_TOO_DEEP", admission.Limits{MaxNesting: 3}, "{pets(tags:[]){name}}", "{pets(tags:[[]]){name}}", 4},
		{"QUERY_NAME_TOO_LONG", admission.Limits{MaxNameBytes: 10}, "{__typename}", "{a2345678901:__typename}", 11},
		{"QUERY_TOO_MANY_OPERATIONS", admission.Limits{MaxOperations: 1}, "query A{pet{name}}", "query A{pet{name}} query B{pet{name}}", 2},
		{"QUERY_TOO_DEEP", admission.Limits{MaxDepth: 2}, "{pet{name}}", "{pet{...F}} fragment F on Pet{friend{name}}", 3},
		{"QUERY_TOO_DEEP", admission.Limits{MaxDepth: 2}, "{pet{...on Pet{...on Pet{name}}}}", "{pet{friend{...on Pet{name}}}}", 3},
		{"QUERY_TOO_MANY_FIELDS", admission.Limits{MaxFields: 4}, "{pet{...F friend{...F}}} fragment F on Pet{name}", "{pet{...F friend{...F name}}} fragment F on Pet{name}", 5},
		{"QUERY_TOO_MANY_ROOT_FIELDS", admission.Limits{MaxRootFields: 2}, "{dog{name} cat{name}}", "{dog{name} ...F} fragment F on Query{cat{name} pet{name}}", 3},
		{"QUERY_TOO_MANY_ALIASES", admission.Limits{MaxAliases: 1}, "{a:pet{name}}", "{a:pet{...F}} fragment F on Pet{b:name}", 2},
		{
			"QUERY_TOO_MANY_DIRECTIVES",
			admission.Limits{MaxDirectives: 1},
			"{pet @include(if:true){name}}", "{pet @include(if:true){...on Pet @skip(if:true){name}}}", 2,
		},
		{
			"QUERY_TOO_MANY_DIRECTIVES_PER_LOCATION",
			admission.Limits{MaxDirectivesPerLocation: 1},
			"{pet @include(if:true){name}}", "{pet @include(if:true) @skip(if:true){name}}", 2,
		},
		{
			"QUERY_TOO_MANY_FRAGMENTS",
			admission.Limits{MaxFragments: 1},
			"{pet{...A}} fragment A on Pet{name}", "{pet{...A ...B}} fragment A on Pet{name} fragment B on Pet{name}", 2,
		},
		{
			"QUERY_TOO_MANY_FRAGMENT_SPREADS",
			admission.Limits{MaxSpreads: 1},
			"{pet{...A}} fragment A on Pet{name}", "{pet{...A friend{...A}}} fragment A on Pet{name}", 2,
		},
		{
			"QUERY_TOO_MANY_VARIABLES",
			admission.Limits{MaxVariables: 1},
			"query($a:Int){pets(first:$a){name}}", "query($a:Int $b:[String!]){pets(first:$a tags:$b){name}}", 2,
		},
		{
			"QUERY_INPUT_TOO_DEEP",
			admission.Limits{MaxInputDepth: 2},
			`{pets(filter:{tags:["a"]}){name}}`, `query($f:Filter={and:[{name:"a"}]}){pets(filter:$f){name}}`, 3,
		},
		{"QUERY_LIST_TOO_LONG", admission.Limits{MaxListSize: 2}, `{pets(tags:["a" "b"]){name}}`, `{pets(tags:["a" "b" "c"]){name}}`, 3},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			gate := newGate(t, schema, admission.Options{Limits: test.limits})
			if doc, errs := gate.Admit(t.Context(), test.at); len(errs) > 0 || doc == nil {
				t.Errorf("at the limit: got %v, want that it is admitted", errs)
			}
			doc, errs := gate.Admit(t.Context(), test.over)
			if doc != nil || len(errs) != 1 {
				t.Fatalf("over the limit: got %v and %v, want one error", doc, errs)
			}
			want := map[string]any{"code": test.code, "limit": test.value - 1, "value": test.value}
			if diff := cmp.Diff(want, errs[0].Extensions); diff != "" {
				t.Errorf("extensions (-want +got):\n%s", diff)
			}
			if numbers := fmt.Sprintf(": %d, where at most %d is allowed.", test.value, test.value-1); !strings.HasSuffix(errs[0].Message, numbers) {
				t.Errorf("message %q, want both numbers at its end", errs[0].Message)
			}
		})
	}
}

// TestFieldsThatCannotBeCounted: forty fragments stand for more fields than there are numbers.
func TestFieldsThatCannotBeCounted(t *testing.T) {
	t.Parallel()
	query := fragments(4<<10, "{pet{...F0}}", "fragment F#this on Pet{...F#next ...F#next}", "fragment F#this on Pet{name}")
	_, errs := newGate(t, pets(t), admission.Options{}).Admit(t.Context(), query)
	if len(errs) != 1 || errs[0].Extensions["code"] != "QUERY_TOO_MANY_FIELDS" || errs[0].Extensions["value"] != 1<<31-1 {
		t.Errorf("got %v, want QUERY_TOO_MANY_FIELDS with the largest number", errs)
	}
}

// TestRefusals: documents that are refused for what they are, in fixed words.
func TestRefusals(t *testing.T) {
	t.Parallel()
	gate := newGate(t, pets(t), admission.Options{})
	tests := []struct {
		name, query, code, message string
	}{
		{"invalid UTF-8", "{pet{name}} # canary \xff", "QUERY_NOT_UTF8", "The document is not valid UTF-8."},
		{"nothing", "", "QUERY_WITHOUT_OPERATION", "The document has no operation."},
		{"fragments only", "fragment canary on Pet{name}", "QUERY_WITHOUT_OPERATION", "The document has no operation."},
		{
			"a cycle", "{pet{...canary}} fragment canary on Pet{...B} fragment B on Pet{friend{...canary}}",
			"QUERY_FRAGMENT_CYCLE", "A fragment of the document spreads itself, at once or through others.",
		},
		{"a string that does not end", `{pet(a:"canary){name}}`, "GRAPHQL_PARSE_FAILED", "The document is not GraphQL."},
		{"a word in a wrong place", `canary{pet}`, "GRAPHQL_PARSE_FAILED", "The document is not GraphQL."},
		{"a string in a wrong place", `{"canary"}`, "GRAPHQL_PARSE_FAILED", "The document is not GraphQL: expected Name, found String."},
		{"a brace too few", `{pet{name}`, "GRAPHQL_PARSE_FAILED", "The document is not GraphQL: expected Name, found <EOF>."},
		{"a value of another type", `{pets(first:"canary"){name}}`, "GRAPHQL_VALIDATION_FAILED", `Expected a value of type "Int".`},
		{"a field that is not there", `{pet{nam}}`, "GRAPHQL_VALIDATION_FAILED", `Cannot query field "nam" on type "Pet".`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc, errs := gate.Admit(t.Context(), test.query)
			if doc != nil || len(errs) != 1 || errs[0].Message != test.message || errs[0].Extensions["code"] != test.code {
				t.Errorf("got %v and %v, want one error %s: %s", doc, errs, test.code, test.message)
			}
			if test.code == "GRAPHQL_PARSE_FAILED" && len(errs[0].Locations) != 1 {
				t.Errorf("got locations %v, want where it is", errs[0].Locations)
			}
		})
	}
}

// TestSuggestions: only a gate that is told to names fields that were not asked for.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	schema := pets(t)
	for _, query := range []string{"{pet{nam}}", "{pet{name}} fragment F on Pett{name}", "{pets(firs:1){name}}", "{pet}"} {
		with, without := newGate(t, schema, admission.Options{Suggestions: true}), newGate(t, schema, admission.Options{})
		if _, errs := with.Admit(t.Context(), query); !strings.Contains(errs.Error(), "Did you mean") {
			t.Errorf("%s with suggestions: got %v", query, errs)
		}
		if _, errs := without.Admit(t.Context(), query); len(errs) == 0 || strings.Contains(errs.Error(), "Did you mean") {
			t.Errorf("%s without suggestions: got %v", query, errs)
		}
	}
}

// TestIntrospectionOfToolsIsAdmitted: the query that explorers and generators of code send.
func TestIntrospectionOfToolsIsAdmitted(t *testing.T) {
	t.Parallel()
	const query = `query IntrospectionQuery {
		__schema {
			description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
			types { ...FullType }
			directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
		}
	}
	fragment FullType on __Type {
		kind name description specifiedByURL isOneOf
		fields(includeDeprecated: true) {
			name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
		}
		inputFields(includeDeprecated: true) { ...InputValue }
		interfaces { ...TypeRef }
		enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
		possibleTypes { ...TypeRef }
	}
	fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
	fragment TypeRef on __Type {
		kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
		kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
	}`
	if _, errs := newGate(t, crms(t), admission.Options{}).Admit(t.Context(), query); len(errs) > 0 {
		t.Errorf("got %v, want that it is admitted", errs)
	}
}

// TestImpossibleOptions: all that is wrong is told at once.
func TestImpossibleOptions(t *testing.T) {
	t.Parallel()
	_, err := admission.New(pets(t), admission.Options{
		Limits:     admission.Limits{MaxBytes: -1, MaxNesting: 1001},
		Variables:  admission.VariableLimits{MaxDepth: -2},
		CacheBytes: -3,
	})
	const want = "MaxBytes is negative: -1\nMaxNesting is at most 1000, not 1001\nVariables.MaxDepth is negative: -2\nCacheBytes is negative: -3"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestErrorsAreFew: no more errors than are told of one document, however many there are.
func TestErrorsAreFew(t *testing.T) {
	t.Parallel()
	gate := newGate(t, pets(t), admission.Options{Limits: admission.Limits{MaxErrors: 3}})
	for name, query := range map[string]string{
		"unknown fields": "{" + strings.Repeat("unknown ", 100) + "}",
		"conflicts":      "{pet{a:name b:name c:name d:name " + strings.Repeat("a:__typename b:__typename c:__typename d:__typename ", 9) + "}}",
	} {
		_, errs := gate.Admit(t.Context(), query)
		if len(errs) != 3 {
			t.Errorf("%s: got %d errors, want 3", name, len(errs))
		}
	}
}

// code returns the code of the only error there is, or all of them.
func code(errs gqlerror.List) any {
	if len(errs) == 1 {
		return errs[0].Extensions["code"]
	}
	return errs
}
