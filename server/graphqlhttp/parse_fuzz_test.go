package graphqlhttp_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmgraph/server/graphqlhttp"
)

// FuzzParseParams: whatever is taken is JSON, and says what encoding/json reads in it.
func FuzzParseParams(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{ name }","operationName":null,"variables":{"a":[1,-2.50e3,true,null,"\u00e9\n",{}]},"extensions":{}}`,
		`{"documentId":"sha256:1","unknown":[[]],"query":1}`,
		`{"query":"a","query":"b"}`, `{"variables":{"a":1,"a":2}}`, `{"query":"\ud83d\ude00"}`, `{"query":"x"} `, `{"query":"x"}{}`, `{"query":"x"}{"":`, `{"query":"x"}["`,
		`{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":1e}`, `{"a":.5}`, `{"a":tru}`, `{"a":nul}`, "{\"a\":\"\t\"}", `{"a":[1,]}`, `{"a":1,}`, `{,}`, `[]`, `null`, ``, "\ufeff{}", `{"a":"\x"}`, `{"a":"\u12g4"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, refused := graphqlhttp.ParseParams([]byte(body))
		if (got == nil) == (refused == nil) {
			t.Fatalf("got parameters %v and refusal %v, want one of them", got, refused)
		}
		isJSON := json.Valid([]byte(body)) && utf8.ValidString(body)
		switch {
		case refused != nil && (refused.Code == graphqlhttp.CodeInvalidJSON || refused.Limit > 0):
			if refused.Limit == 0 && isJSON && !strings.Contains(refused.Message, "one name") {
				t.Fatalf("%q is JSON, but refused: %v", body, refused)
			}
			return
		case !isJSON:
			t.Fatalf("%q is no JSON, but taken: %v", body, got)
		case refused != nil || strings.Contains(body, `\u`): // where the two differ in what half a surrogate pair is
			return
		}
		decoder := json.NewDecoder(strings.NewReader(body))
		decoder.UseNumber()
		var members map[string]any
		if err := decoder.Decode(&members); err != nil {
			t.Fatal(err)
		}
		want := &graphqlhttp.Params{}
		want.Query, _ = members["query"].(string)
		want.OperationName, _ = members["operationName"].(string)
		want.DocumentID, _ = members["documentId"].(string)
		want.Variables, _ = members["variables"].(map[string]any)
		want.Extensions, _ = members["extensions"].(map[string]any)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(graphqlhttp.Params{})); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", body, diff)
		}
	})
}

// FuzzParseQuery: nothing in an address is more than a refusal.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		`query=%7Bname%7D&variables={"a":1}&extensions=&operationName=x&documentId=y&unknown=z`,
		`query=a;b`, `query=a&query=b`, `query=%zz`, `query=%ff`, `variables=[]`, `&&=&`, `variables={}{}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, refused := graphqlhttp.ParseQuery(raw)
		if (got == nil) == (refused == nil) {
			t.Fatalf("got parameters %v and refusal %v, want one of them", got, refused)
		}
		if got != nil && !utf8.ValidString(got.Query+got.OperationName+got.DocumentID) {
			t.Fatalf("%q: got %q, want UTF-8", raw, got)
		}
	})
}
