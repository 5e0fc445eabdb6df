package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"crmgraph/graph"
	"crmgraph/server/persisted"
)

// manifestCommand is about the documents that clients are built with.
type manifestCommand struct {
	Check manifestCheckCommand `cmd:"" help:"Check every document of manifests against the schema, and its upstream calls against a limit."`
}

// manifestCheckCommand checks manifests. As explain, it needs no upstream and no
// configuration, so that it can run where clients are built.
type manifestCheckCommand struct {
	Files     []string `arg:"" name:"file" help:"Manifests of Apollo's tools, relay-compiler or graphql-codegen."`
	Variables string   `placeholder:"JSON" help:"Variables by the operation's name, e.g. {\"Dashboard\": {\"first\": 50}}, or @FILE that holds them."`
	MaxCalls  int      `default:"400" placeholder:"N" help:"Upstream calls that an operation may make at most; 0 for any number (${default})."`
	JSON      bool     `name:"json" help:"Print JSON, not a table."`
}

// verdict is what a check comes to.
type verdict string

const (
	verdictOK           verdict = "ok"
	verdictInvalid      verdict = "invalid"
	verdictNoVariables  verdict = "variables missing"
	verdictTooExpensive verdict = "too expensive"
)

// checkJSON is what came of checking one operation.
type checkJSON struct {
	ID        string   `json:"id"`
	Operation string   `json:"operation"`
	Calls     *int     `json:"calls"` // at most; null where there is no plan
	Rounds    *int     `json:"rounds"`
	Verdict   verdict  `json:"verdict"`
	Problems  []string `json:"problems,omitempty"`
}

// Run prints one line for each operation, and fails with all their problems.
func (c *manifestCheckCommand) Run(p *program) error {
	if c.MaxCalls < 0 {
		return errors.New("max-calls: cannot be negative")
	}
	manifest, err := persisted.LoadManifest(c.Files...)
	if err != nil {
		return err
	}
	variables, err := readVariablesByName(c.Variables)
	if err != nil {
		return err
	}
	checks := []checkJSON{}
	for _, entry := range manifest.Entries() {
		checks = append(checks, c.check(entry, variables)...)
	}
	write := printChecks
	if c.JSON {
		write = writeChecks
	}
	return errors.Join(write(p.stdout, checks), failureOf(checks))
}

// readVariablesByName reads the variables of several operations.
func readVariablesByName(text string) (map[string]map[string]any, error) {
	objects, err := readVariables(text)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]map[string]any, len(objects))
	for name, value := range objects {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("variables: want a JSON object for %s", name)
		}
		byName[name] = object
	}
	return byName, nil
}

// check checks the operations of one document.
func (c *manifestCheckCommand) check(entry persisted.Entry, variables map[string]map[string]any) []checkJSON {
	document, err := parser.ParseQuery(&ast.Source{Input: entry.Text})
	if err != nil {
		return []checkJSON{{ID: entry.ID, Operation: entry.Name, Verdict: verdictInvalid, Problems: problemsOf(err)}}
	}
	if problem := misdeclared(entry, document); problem != "" {
		return []checkJSON{{ID: entry.ID, Operation: entry.Name, Verdict: verdictInvalid, Problems: []string{problem}}}
	}
	checks := make([]checkJSON, len(document.Operations))
	for i, operation := range document.Operations {
		checks[i] = checkJSON{ID: entry.ID, Operation: operation.Name}
		checks[i].judge(entry.Text, operation, variables[operation.Name], c.MaxCalls)
	}
	return checks
}

// misdeclared says that a document has no operation of the name and type that its manifest
// gives it, "" if it has one or the manifest says nothing.
func misdeclared(entry persisted.Entry, document *ast.QueryDocument) string {
	if entry.Name == "" && entry.Type == "" && len(document.Operations) > 0 {
		return ""
	}
	for _, operation := range document.Operations {
		if operation.Name == entry.Name && (entry.Type == "" || string(operation.Operation) == entry.Type) {
			return ""
		}
	}
	return "the document has no operation of the name and type that the manifest gives"
}

// judge plans an operation of a document and fills in the verdict.
func (c *checkJSON) judge(document string, operation *ast.OperationDefinition, variables map[string]any, maxCalls int) {
	var missing []string
	for _, variable := range operation.VariableDefinitions {
		_, given := variables[variable.Variable]
		if variable.Type.NonNull && variable.DefaultValue == nil && !given {
			missing = append(missing, "$"+variable.Variable)
		}
	}
	if missing != nil {
		c.Verdict, c.Problems = verdictNoVariables, []string{"give a value for " + strings.Join(missing, ", ")}
		return
	}
	planned, err := graph.Plan(document, operation.Name, variables)
	if err != nil {
		c.Verdict, c.Problems = verdictInvalid, problemsOf(err)
		return
	}
	calls, rounds := planned.Cost().Total(), len(planned.Rounds)
	c.Calls, c.Rounds, c.Verdict = &calls, &rounds, verdictOK
	if maxCalls > 0 && calls > maxCalls {
		c.Verdict, c.Problems = verdictTooExpensive, []string{fmt.Sprintf("%d upstream calls, and %d are allowed", calls, maxCalls)}
	}
}

// problemsOf returns what is wrong with a document or its variables, each with its place.
func problemsOf(err error) []string {
	var list gqlerror.List
	var single *gqlerror.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &single):
		list = gqlerror.List{single}
	default:
		return []string{err.Error()}
	}
	problems := make([]string, len(list))
	for i, problem := range list {
		problems[i] = problem.Message
		if len(problem.Locations) > 0 {
			problems[i] = fmt.Sprintf("%d:%d: %s", problem.Locations[0].Line, problem.Locations[0].Column, problem.Message)
		}
	}
	return problems
}

// failureOf lists the problems of all operations, nil if there are none.
func failureOf(checks []checkJSON) error {
	var failed int
	var lines []error
	for _, check := range checks {
		if check.Verdict != verdictOK {
			failed++
		}
		for _, problem := range check.Problems {
			lines = append(lines, fmt.Errorf("  %s %s: %s", shortID(check.ID), orDash(check.Operation), problem))
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d operations fail:\n%w", failed, len(checks), errors.Join(lines...))
}

func printChecks(out io.Writer, checks []checkJSON) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var errs []error
	row := func(id, operation, calls, rounds, result any) {
		_, err := fmt.Fprintf(table, "%v\t%v\t%v\t%v\t%v\n", id, operation, calls, rounds, result)
		errs = append(errs, err)
	}
	row("ID", "OPERATION", "CALLS AT MOST", "ROUNDS", "VERDICT")
	for _, check := range checks {
		row(shortID(check.ID), orDash(check.Operation), number(check.Calls), number(check.Rounds), check.Verdict)
	}
	return errors.Join(append(errs, table.Flush())...)
}

func writeChecks(out io.Writer, checks []checkJSON) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(checks)
}

// shortID is enough of an id to find it in a manifest.
func shortID(id string) string {
	const enough = 16
	if runes := []rune(id); len(runes) > enough {
		return string(runes[:enough-1]) + "…"
	}
	return id
}

func orDash(name string) string {
	if name == "" {
		return "-"
	}
	return name
}

func number(n *int) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}
