package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"crmgraph/graph"
	"crmgraph/graph/plan"
)

// explainCommand prints the plan of an operation. It needs no upstream and no
// configuration, so that it can run where queries are written.
type explainCommand struct {
	File      string `arg:"" help:"GraphQL document, - for standard input."`
	Variables string `placeholder:"JSON" help:"Variables as a JSON object, or @FILE that holds one."`
	Operation string `placeholder:"NAME" help:"Which operation, where the document has several."`
	MaxCalls  int    `placeholder:"N" help:"Fail if the operation can make more upstream calls than this; 0 for any number."`
}

// errOverMaxCalls is how the command ends for an operation that costs too much.
var errOverMaxCalls = errors.New("the operation can make more upstream calls than allowed")

// Run plans the operation and prints one line for each step.
func (c *explainCommand) Run(p *program) error {
	if c.MaxCalls < 0 {
		return errors.New("max-calls: cannot be negative")
	}
	document, err := readFile(c.File)
	if err != nil {
		return err
	}
	variables, err := readVariables(c.Variables)
	if err != nil {
		return err
	}
	planned, err := graph.Plan(document, c.Operation, variables)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if err := printPlan(p.stdout, planned); err != nil {
		return err
	}
	if total := planned.Cost().Total(); c.MaxCalls > 0 && total > c.MaxCalls {
		return fmt.Errorf("%w: %d, and %d are", errOverMaxCalls, total, c.MaxCalls)
	}
	return nil
}

func readFile(name string) (string, error) {
	if name == "-" {
		text, err := io.ReadAll(os.Stdin)
		return string(text), err
	}
	text, err := os.ReadFile(name)
	return string(text), err
}

// readVariables reads a JSON object given directly or, after an @, as a file. Numbers
// keep their digits.
func readVariables(text string) (map[string]any, error) {
	if name, isFile := strings.CutPrefix(text, "@"); isFile {
		content, err := readFile(name)
		if err != nil {
			return nil, err
		}
		text = content
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var variables map[string]any
	if err := decoder.Decode(&variables); err != nil {
		return nil, fmt.Errorf("variables: want a JSON object: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("variables: want a JSON object, and nothing behind it")
	}
	return variables, nil
}

func printPlan(out io.Writer, planned *plan.Plan) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var errs []error
	row := func(round, crm, operation, calls, serves any) {
		_, err := fmt.Fprintf(table, "%v\t%v\t%v\t%v\t%v\n", round, crm, operation, calls, serves)
		errs = append(errs, err)
	}
	row("ROUND", "CRM", "OPERATION", "CALLS AT MOST", "SERVES")
	for i, round := range planned.Rounds {
		for _, step := range round.Steps {
			row(i+1, step.Call.Service, step.Call.Operation, step.Max, strings.Join(step.Paths, ", "))
		}
	}
	cost := planned.Cost()
	row("", "", "total", cost.Total(), fmt.Sprintf("ProPortal %d, solOS %d, in %d rounds", cost.ProPortal, cost.Solos, len(planned.Rounds)))
	return errors.Join(append(errs, table.Flush())...)
}
