package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"crmgraph/graph/admission"
)

// bomb is a kind of document that costs those who are not careful more than it should.
type bomb struct {
	name string
	// write returns a document of about that many bytes on the schema of pets.
	write func(size int) string
	// code is what refuses it with default limits, when it is large.
	code string
}

// repeat joins the parts of a document that are as many bytes long, about.
func repeat(size int, before string, part func(i int) string, after string) string {
	var text strings.Builder
	text.WriteString(before)
	for i := 0; text.Len() < size; i++ {
		text.WriteString(part(i))
	}
	text.WriteString(after)
	return text.String()
}

func same(part string) func(int) string { return func(int) string { return part } }

// fragments writes fragments that are given their own and the next one's number.
func fragments(size int, root, part, last string) string {
	n := max(2, size/(len(part)+6))
	var text strings.Builder
	text.WriteString(root)
	for i := range n - 1 {
		text.WriteString(strings.NewReplacer("#this", fmt.Sprint(i), "#next", fmt.Sprint(i+1)).Replace(part))
	}
	text.WriteString(strings.ReplaceAll(last, "#this", fmt.Sprint(n-1)))
	return text.String()
}

func bombs() []bomb {
	deep := "friend{" + strings.Repeat("friend{", 50) + "name" + strings.Repeat("}", 51)
	introspection := "__schema{types{fields{type{ofType{ofType{ofType{name}}}}args{type{name}}}}}"
	return []bomb{
		{"braces", func(size int) string { return strings.Repeat("{", size) }, "QUERY_NESTED_TOO_DEEP"},
		{"deep fields", func(size int) string { return repeat(size, "{pet{", same(deep+" "), "}}") }, "QUERY_TOO_MANY_TOKENS"},
		{"aliases", func(size int) string {
			return repeat(size, "{", func(i int) string { return fmt.Sprintf("a%d:pet{name} ", i) }, "}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"repeated fields", func(size int) string { return repeat(size, "{pet{", same("name "), "}}") }, "QUERY_TOO_MANY_TOKENS"},
		{"repeated objects", func(size int) string { return repeat(size, "{", same("pet{name owner{id}} "), "}") }, "QUERY_TOO_MANY_TOKENS"},
		{"inline fragments", func(size int) string {
			return repeat(size, "{pet{", same("...on Dog{name x:barks} ...on Cat{name friend{name}} "), "}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"one name, other fields", func(size int) string {
			return repeat(size, "{pet{", func(i int) string { return fmt.Sprintf("x:is(atHome:%t,command:SIT)", i%2 == 0) }, "}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"chain of fragments", func(size int) string {
			return fragments(size, "{pet{...F0}}", "fragment F#this on Pet{name ...F#next}", "fragment F#this on Pet{name}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"doubling fragments", func(size int) string {
			return fragments(size, "{pet{...F0}}", "fragment F#this on Pet{a:friend{...F#next}b:friend{...F#next}}", "fragment F#this on Pet{name}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"fragments spread together", func(size int) string {
			return fragments(size, "{pet{...F0}}", "fragment F#this on Pet{name friend{name ...F#next}...F#next}", "fragment F#this on Pet{name}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"cyclic fragments", func(size int) string {
			return fragments(size, "{pet{...F0}}", "fragment F#this on Pet{name ...F#next ...F0}", "fragment F#this on Pet{...F0}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"spreads", func(size int) string {
			return repeat(size, "{pet{", same("...F "), "}} fragment F on Pet{name}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"unknown fragments", func(size int) string {
			return repeat(size, "{pet{name ", func(i int) string { return fmt.Sprintf("...U%d ", i) }, "}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"unused fragments", func(size int) string {
			return repeat(size, "{pet{name}}", func(i int) string { return fmt.Sprintf("fragment F%d on Pet{name}", i) }, "")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"directives", func(size int) string {
			return repeat(size, "{pet{", same("name @include(if:true) "), "}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"directives of one field", func(size int) string {
			return repeat(size, "{pet{name ", same("@include(if:true)"), "}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"variables", func(size int) string {
			var uses strings.Builder
			head := repeat(size/4, "query(", func(i int) string {
				fmt.Fprintf(&uses, "a%d:pets(first:$v%d){name}", i, i)
				return fmt.Sprintf("$v%d:Int ", i)
			}, ")")
			return head + "{" + uses.String() + "}"
		}, "QUERY_TOO_MANY_TOKENS"},
		{"arguments", func(size int) string {
			return repeat(size, "{pets(", func(i int) string { return fmt.Sprintf("a%d:1 ", i) }, "){name}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"list", func(size int) string { return repeat(size, "{pets(tags:[", same(`"x"`), "]){name}}") }, "QUERY_TOO_MANY_TOKENS"},
		{"nested input", func(size int) string {
			nested := strings.Repeat("{and:[", 10) + strings.Repeat("]}", 10)
			return repeat(size, "{pets(filter:{and:[", same(nested+" "), "]}){name}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"string", func(size int) string { return repeat(size, `{pets(tags:["`, same("xxxxxxxx"), `"]){name}}`) }, "QUERY_TOO_LONG"},
		{"block string", func(size int) string { return repeat(size, `{pets(tags:["""`, same("  xx\n"), `"""]){name}}`) }, "QUERY_TOO_LONG"},
		{"number", func(size int) string { return repeat(size, `{pets(first:1`, same("0"), `){name}}`) }, "QUERY_TOO_LONG"},
		{"name", func(size int) string { return repeat(size, `{`, same("name"), `}`) }, "QUERY_NAME_TOO_LONG"},
		{"comments", func(size int) string { return repeat(size, `{pet{name}}`, same("#\n"), ``) }, "QUERY_TOO_MANY_TOKENS"},
		{"unknown fields", func(size int) string {
			return repeat(size, "{pet{", func(i int) string { return fmt.Sprintf("unknown%d ", i) }, "}}")
		}, "QUERY_TOO_MANY_TOKENS"},
		{"introspection", func(size int) string {
			return repeat(size, "{", func(i int) string { return fmt.Sprintf("a%d:%s", i, introspection) }, "}")
		}, "QUERY_TOO_MANY_TOKENS"},
	}
}

// TestBombsAreRefused: what is large is refused before anything is built of it.
func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	gate := newGate(t, pets(t), admission.Options{})
	large := newGate(t, pets(t), admission.Options{Limits: admission.Limits{MaxBytes: 1 << 20}})
	for _, bomb := range bombs() {
		t.Run(bomb.name, func(t *testing.T) {
			t.Parallel()
			query := bomb.write(120 << 10)
			if bomb.code == "QUERY_TOO_LONG" {
				query = bomb.write(200 << 10)
			}
			if _, errs := gate.Admit(t.Context(), query); len(errs) != 1 || errs[0].Extensions["code"] != bomb.code {
				t.Errorf("got %v, want one error with %s", errs, bomb.code)
			}
			_, errs := large.Admit(t.Context(), query)
			for _, err := range errs {
				if len(err.Message) > 400 {
					t.Errorf("got a message of %d bytes, want a short one", len(err.Message))
				}
			}
			if len(errs) > 20 {
				t.Errorf("got %d errors, want 20 at most", len(errs))
			}
		})
	}
}

// TestWorkGrowsWithTheDocument: without limits, twice the document takes about twice the
// allocations. It runs alone, as whoever counts allocations must.
func TestWorkGrowsWithTheDocument(t *testing.T) {
	for _, bomb := range bombs() {
		t.Run(bomb.name, func(t *testing.T) {
			limits := unlimited
			limits.MaxErrors = 20
			gate := newGate(t, pets(t), admission.Options{Limits: limits, CacheBytes: 1})
			work := func(size int) float64 {
				query := bomb.write(size)
				return testing.AllocsPerRun(1, func() { _, _ = gate.Admit(t.Context(), query) })
			}
			once, twice := work(32<<10), work(64<<10)
			// What does not depend on the document is left out of small numbers.
			if twice > 2.5*once+1000 {
				t.Errorf("got %v allocations for 64 KiB, want at most 2.5 times the %v for 32 KiB", twice, once)
			}
		})
	}
}
