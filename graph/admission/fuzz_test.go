package admission_test

import (
	"testing"

	"crmgraph/graph/admission"
)

// FuzzAdmit: no document has the gate panic, and what it admits gqlparser accepts too; what
// gqlparser accepts is refused for its size alone.
func FuzzAdmit(f *testing.F) {
	schema := pets(f)
	for _, bomb := range bombs() {
		f.Add(bomb.write(200))
	}
	f.Add(`query A($n:Int=1 @include(if:true)){...F pets(first:$n filter:{and:[{name:"\u{1F600}"}]}){name}} fragment F on Query{catOrDog{...on Dog{kin{name}}}}`)
	f.Add(`mutation($s:String!){rename(name:$s){name ...on Cat{some{pet{owner{home}}}}}}`)
	f.Fuzz(func(t *testing.T, query string) {
		if len(query) > 2<<10 {
			t.Skip("gqlparser alone takes too long")
		}
		limits := unlimited
		limits.MaxErrors = 20
		gate := newGate(t, schema, admission.Options{Limits: limits, CacheBytes: 1})
		doc, errs := gate.Admit(t.Context(), query)
		if (doc == nil) != (len(errs) > 0) {
			t.Fatalf("got document %v and errors %v", doc, errs)
		}
		if len(errs) > 20 {
			t.Fatalf("got %d errors", len(errs))
		}
		want := stock(schema, query)
		if len(errs) == 0 && len(want) > 0 {
			t.Fatalf("admitted, but gqlparser says %v", want)
		}
		if len(errs) > 0 && len(want) == 0 && code(errs) != "QUERY_TOO_MUCH_OVERLAP" && code(errs) != "QUERY_NOT_UTF8" && code(errs) != "QUERY_NESTED_TOO_DEEP" {
			t.Fatalf("got %v, but gqlparser accepts it", errs)
		}
	})
}
