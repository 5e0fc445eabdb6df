package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// checkManifests runs manifest check and returns what it prints and what is wrong.
func checkManifests(t *testing.T, args ...string) (printed string, err error) {
	t.Helper()
	var line struct {
		Manifest manifestCommand `cmd:""`
	}
	parser, err := kong.New(&line)
	if err != nil {
		t.Fatal(err)
	}
	command, err := parser.Parse(append([]string{"manifest", "check"}, args...))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = command.Run(&program{stdout: &out})
	return out.String(), err
}

func TestManifestCheckOfEachFormat(t *testing.T) {
	t.Parallel()
	got, err := checkManifests(t, "persisted/testdata/apollo.json", "persisted/testdata/codegen.json", "persisted/testdata/relay.json")
	if err != nil {
		t.Fatal(err)
	}
	// One call for the portfolio, one for the projects of all its customers, one for the login.
	want := `ID                OPERATION               CALLS AT MOST  ROUNDS  VERDICT
1e929033d31d61a…  Dashboard               2              2       ok
e30cadb7f72d511…  Login                   1              1       ok
a37e3c7e30812e3…  Dashboard               2              2       ok
2a3e83b38a6e1c2…  Login                   1              1       ok
74221e4de092ffd…  DashboardQuery          2              2       ok
775400e8654bc5a…  DashboardLoginMutation  1              1       ok
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

const wrongManifest = `{
	"good": "query Good($n: Int!) { portfolio(first: $n) { nodes { name } } }",
	"two": "query One { viewer { id } } query Two($n: Int = 60) { portfolio(first: $n) { nodes { card { inn } } } }",
	"field": "query Field {\n  nothing\n  viewer { name }\n}",
	"syntax": "query {",
	"variable": "query Missing($id: ID!, $n: Int! = 3) { customer(id: $id) { tasks(first: $n) { totalCount } } }",
	"type": "query Wrong($id: ID!) { customer(id: $id) { name } }",
	"fragment": "fragment F on Customer { name }"
}`

func TestManifestCheckListsAllProblems(t *testing.T) {
	t.Parallel()
	file := writeFile(t, wrongManifest)
	apollo := writeFile(t, `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
		{"id": "misnamed", "name": "A", "type": "query", "body": "query B { viewer { id } }"},
		{"id": "mistyped", "name": "C", "type": "query", "body": "mutation C { login { token } }"}]}`)
	got, err := checkManifests(t, file, apollo, "--max-calls", "50", "--variables", `{"Good": {"n": 5}, "Wrong": {"id": [1]}}`)
	want := `ID        OPERATION  CALLS AT MOST  ROUNDS  VERDICT
good      Good       1              1       ok
two       One        0              0       ok
two       Two        61             2       too expensive
field     Field      -              -       invalid
syntax    -          -              -       invalid
variable  Missing    -              -       variables missing
type      Wrong      -              -       invalid
fragment  -          -              -       invalid
misnamed  A          -              -       invalid
mistyped  C          -              -       invalid
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if err == nil {
		t.Fatal("got no error, want one")
	}
	for _, want := range []string{
		"8 of 10 operations fail:\n",
		"  two Two: 61 upstream calls, and 50 are allowed\n",
		"  field Field: 2:3: Cannot query field \"nothing\"",
		"  field Field: 3:12: Cannot query field \"name\"",
		"  syntax -: 1:8: ",
		"  variable Missing: give a value for $id\n",
		"  type Wrong: ",
		"  fragment -: the document has no operation",
		"  misnamed A: the document has no operation of the name and type that the manifest gives\n",
		"  mistyped C: the document has no operation",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error\n%v\nwant %q in it", err, want)
		}
	}
}

func TestManifestCheckPrintsJSON(t *testing.T) {
	t.Parallel()
	file := writeFile(t, `{"a": "query A { portfolio { nodes { name } } }", "b": "{"}`)
	got, err := checkManifests(t, file, "--json")
	want := `[
  {
    "id": "a",
    "operation": "A",
    "calls": 1,
    "rounds": 1,
    "verdict": "ok"
  },
  {
    "id": "b",
    "operation": "",
    "calls": null,
    "rounds": null,
    "verdict": "invalid",
    "problems": [
      "1:2: Expected Name, found <EOF>"
    ]
  }
]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "1 of 2 operations fail") {
		t.Errorf("got error %v, want one operation to fail", err)
	}
}

func TestManifestCheckFails(t *testing.T) {
	t.Parallel()
	file := writeFile(t, `{"a": "query A { portfolio(first: 60) { nodes { card { inn } } } }"}`)
	dear := writeFile(t, `{"a": "query A { portfolio(first: 100) { nodes { card { inn } projects(first: 100) { nodes { steps { name } } } } } }"}`)
	tests := map[string]struct {
		args []string
		want string
	}{
		"within the default":   {[]string{file}, ""},
		"at the limit":         {[]string{file, "--max-calls=61"}, ""},
		"over the limit":       {[]string{file, "--max-calls=60"}, "61 upstream calls, and 60 are allowed"},
		"over the default":     {[]string{dear}, "and 400 are allowed"},
		"without a limit":      {[]string{dear, "--max-calls=0"}, ""},
		"a negative limit":     {[]string{file, "--max-calls=-1"}, "negative"},
		"no file":              {nil, "file"},
		"no such file":         {[]string{file + "x"}, "no such file"},
		"not a manifest":       {[]string{writeFile(t, `[]`)}, "JSON object"},
		"variables not JSON":   {[]string{file, "--variables=no"}, "JSON object"},
		"variables of no name": {[]string{file, `--variables={"n": 1}`}, "JSON object for n"},
	}
	for name, test := range tests {
		_, err := checkManifests(t, test.args...)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
