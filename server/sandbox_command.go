package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crmgraph/upstream/sandbox"
)

// sandboxCommand runs both emulated CRMs alone. A size of -1 means none.
type sandboxCommand struct {
	ProPortalListen string `name:"proportal-listen" default:"127.0.0.1:8181" placeholder:"HOST:PORT" help:"Address of the emulated ProPortal (${default})." group:"addresses"`
	SolosListen     string `default:"127.0.0.1:8182" placeholder:"HOST:PORT" help:"Address of the emulated solOS (${default})." group:"addresses"`

	Dialect        string        `default:"reference" placeholder:"NAME" help:"reference or resource: the shapes of the answers (${default})." group:"answers"`
	DocumentedOnly bool          `help:"Leave out what the CRMs' references do not document." group:"answers"`
	Envelope       string        `placeholder:"NAME" help:"What solOS wraps its lists in: bare, payload, data, items or result (by dialect)." group:"answers"`
	Latency        time.Duration `placeholder:"DURATION" help:"Added to each answer." group:"answers"`
	Faults         []string      `name:"fault" sep:"none" placeholder:"TARGET=FAULT" help:"Fail on purpose, e.g. proportal.tasks=status:500 or solos=hang. Repeatable." group:"answers"`

	Managers  int `default:"1" placeholder:"N" help:"Managers in ProPortal, one at least (${default})." group:"sizes"`
	Customers int `default:"120" placeholder:"N" help:"Customers of each manager (${default})." group:"sizes"`
	Groups    int `default:"12" placeholder:"N" help:"Groups of each manager (${default})." group:"sizes"`
	Tasks     int `default:"600" placeholder:"N" help:"Tasks of each manager (${default})." group:"sizes"`
	Projects  int `default:"200" placeholder:"N" help:"Projects of each manager's customers in solOS (${default})." group:"sizes"`
}

// Run serves the emulated CRMs until ctx ends.
func (c *sandboxCommand) Run(ctx context.Context, p *program) error {
	if c.Managers < 1 {
		return errors.New("managers: must be positive") // to the emulation 0 means its own default
	}
	crms, err := startSandbox(sandbox.Options{
		ProPortalListen: c.ProPortalListen,
		SolosListen:     c.SolosListen,
		Dialect:         sandbox.Dialect(c.Dialect),
		DocumentedOnly:  c.DocumentedOnly,
		Envelope:        c.Envelope,
		Latency:         c.Latency,
		Managers:        c.Managers,
		Customers:       orNone(c.Customers),
		Groups:          orNone(c.Groups),
		Tasks:           orNone(c.Tasks),
		Projects:        orNone(c.Projects),
		Now:             time.Now(),
	}, c.Faults)
	if err != nil {
		return err
	}
	manager := crms.ManagerIDs()[0]
	_, err = fmt.Fprintf(p.stdout, `ProPortal  %[1]s
  manager  %[2]d
  token    %[3]s
           (valid for an hour; a new one: GET %[8]s/token?manager=%[2]d)
solOS      %[4]s
  token    %[5]s
  secret   %[6]s

A gateway that uses them:
  CRMGRAPH_PROPORTAL_URL=%[1]s \
  CRMGRAPH_PROPORTAL_JWT_SECRET=%[7]s \
  CRMGRAPH_SOLOS_URL=%[4]s \
  CRMGRAPH_SOLOS_TOKEN=%[5]s \
  CRMGRAPH_SOLOS_SECRET=%[6]s \
  crmgraph
`, crms.ProPortalURL(), manager, crms.Token(manager), crms.SolosURL(), crms.SolosToken(), crms.SolosSecret(), crms.JWTSecret(), crms.ControlURL())
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, crms.Close())
}

// orNone turns a size of 0 into what sandbox.Options means by none.
func orNone(size int) int {
	if size == 0 {
		return -1
	}
	return size
}

// startSandbox starts the emulated CRMs with faults as a command line has them.
func startSandbox(opts sandbox.Options, faults []string) (*sandbox.Sandbox, error) {
	type order struct {
		target string
		fault  sandbox.Fault
	}
	orders := make([]order, 0, len(faults))
	for _, text := range faults {
		target, fault, err := sandbox.ParseFault(text)
		if err != nil {
			return nil, err
		}
		orders = append(orders, order{target, fault})
	}
	crms, err := sandbox.Start(opts)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		crms.SetFault(o.target, o.fault)
	}
	return crms, nil
}
