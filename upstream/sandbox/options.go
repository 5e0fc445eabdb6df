package sandbox

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// Dialect is the family of shapes the emulated installation answers in. Both describe
// the same facts.
type Dialect string

// The dialects.
const (
	// DialectReference answers as the samples of the references do: raw column names where
	// a sample has them, Laravel's flat paginator, bare arrays and numbers in solOS.
	DialectReference Dialect = "reference"
	// DialectResource answers as a newer installation does: API resources below "data",
	// the resource paginator, and in solOS envelopes, other field names and numbers as text.
	DialectResource Dialect = "resource"
)

// ParseDialect reads a dialect's name, as a command line or a configuration has it. The
// empty name is DialectReference.
func ParseDialect(name string) (Dialect, error) {
	switch d := Dialect(name); d {
	case DialectReference, DialectResource:
		return d, nil
	case "":
		return DialectReference, nil
	default:
		return "", fmt.Errorf("unknown dialect %q: want %q or %q", name, DialectReference, DialectResource)
	}
}

// The envelopes solOS installations put their answers in.
const (
	EnvelopeBare    = "bare"
	EnvelopePayload = "payload"
	EnvelopeData    = "data"
	EnvelopeItems   = "items"
	EnvelopeResult  = "result"
)

// Options chooses what Start emulates. The zero value is the reference dialect with one
// manager and the default sizes on free loopback ports.
type Options struct {
	// Listen is the host both listeners use, each on a free port; default "127.0.0.1".
	Listen string
	// ProPortalListen and SolosListen are "host:port" and override Listen for one CRM.
	ProPortalListen string
	SolosListen     string

	// Dialect is the family of shapes of all answers; default DialectReference.
	Dialect Dialect
	// Managers is the number of bank managers, default 1. Each has a data set of its own,
	// told apart by a word of its own (Manager.Marker) in every name.
	Managers int
	// Customers, Groups, Tasks and Projects are sizes per manager; zero is the default of
	// 120, 12, 600 and 200, a negative number is none. No more groups than customers.
	Customers int
	Groups    int
	Tasks     int
	Projects  int
	// BigCustomer, if positive, is the number of projects the first customer of the first
	// manager has. They come on top of Projects.
	BigCustomer int
	// Now is the standing clock of both CRMs and the instant the data is anchored at, to the
	// second and not before 2017; default 2026-09-01 09:00 in Moscow. Tokens alone live in
	// real time, or ahead of it by ProPortalSkew.
	Now time.Time
	// Mutate, if set, may change the data set before anything is served. What was derived
	// (a task's status, a group's counts) is not derived again.
	Mutate func(*Data)

	// Latency is added to every answer.
	Latency time.Duration
	// DocumentedOnly removes what the references do not have: such endpoints answer 404,
	// such parameters are ignored.
	DocumentedOnly bool
	// Envelope is what solOS answers are wrapped in: one of the Envelope constants, default
	// EnvelopeBare in the reference dialect and EnvelopePayload in the other.
	Envelope string
	// Totals puts "total" beside an enveloped solOS list.
	Totals bool
	// MaxPerPage caps ProPortal's perPage; zero is no cap.
	MaxPerPage int

	// JWTSecret is the HS256 key of ProPortal's tokens.
	JWTSecret string
	// TokenLifetime is how long the tokens of ProPortal's login are valid, in whole seconds;
	// default one hour.
	TokenLifetime time.Duration
	// ProPortalSkew is how far ProPortal's clock is ahead of real time, or behind if it is
	// negative. Its tokens and the Date of its answers are by that clock.
	ProPortalSkew time.Duration
	// SolosToken and SolosSecret are the company's key pair.
	SolosToken  string
	SolosSecret string
	// CustomerField is the dynamic field of a project that holds the ProPortal customer
	// id; default "client_id".
	CustomerField string
}

// maxManagers keeps the ids of managers clear of the other users in the data.
const maxManagers = 100

// defaultNow is 2026-09-01 09:00 in Moscow.
func defaultNow() time.Time { return time.Date(2026, time.September, 1, 6, 0, 0, 0, time.UTC) }

// earliestNow keeps all of solOS's dates in the years Moscow has had one fixed offset.
func earliestNow() time.Time { return time.Date(2017, time.January, 1, 0, 0, 0, 0, time.UTC) }

// complete returns o with defaults filled in, or all that is wrong with it.
func (o Options) complete() (Options, error) {
	var errs []error
	dialect, err := ParseDialect(string(o.Dialect))
	if err != nil {
		errs = append(errs, err)
	}
	o.Dialect = dialect

	o.Listen = orDefault(o.Listen, "127.0.0.1")
	o.ProPortalListen = orDefault(o.ProPortalListen, net.JoinHostPort(o.Listen, "0"))
	o.SolosListen = orDefault(o.SolosListen, net.JoinHostPort(o.Listen, "0"))
	for _, address := range []string{o.ProPortalListen, o.SolosListen} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			errs = append(errs, fmt.Errorf("listen address: %w", err))
		}
	}

	o.Managers = orDefault(o.Managers, 1)
	if o.Managers < 1 || o.Managers > maxManagers {
		errs = append(errs, fmt.Errorf("managers: %d is not between 1 and %d", o.Managers, maxManagers))
	}
	o.Customers = size(o.Customers, 120)
	o.Groups = size(o.Groups, min(12, o.Customers))
	o.Tasks = size(o.Tasks, 600)
	o.Projects = size(o.Projects, 200)
	if o.Groups > o.Customers {
		errs = append(errs, fmt.Errorf("groups: %d groups cannot share %d customers", o.Groups, o.Customers))
	}
	if o.Customers == 0 {
		o.Tasks = 0
	}
	if o.BigCustomer < 0 || (o.BigCustomer > 0 && o.Customers == 0) {
		errs = append(errs, fmt.Errorf("big customer: cannot give %d projects to one of %d customers", o.BigCustomer, o.Customers))
	}
	if o.Now.IsZero() {
		o.Now = defaultNow()
	}
	o.Now = o.Now.UTC().Truncate(time.Second)
	if o.Now.Before(earliestNow()) {
		errs = append(errs, fmt.Errorf("now: %v is before %v", o.Now, earliestNow()))
	}

	if o.Latency < 0 {
		errs = append(errs, fmt.Errorf("latency: %v is negative", o.Latency))
	}
	if o.MaxPerPage < 0 {
		errs = append(errs, fmt.Errorf("max per page: %d is negative", o.MaxPerPage))
	}
	if o.Envelope == "" {
		o.Envelope = EnvelopeBare
		if o.Dialect == DialectResource {
			o.Envelope = EnvelopePayload
		}
	}
	envelopes := []string{EnvelopeBare, EnvelopePayload, EnvelopeData, EnvelopeItems, EnvelopeResult}
	if !slices.Contains(envelopes, o.Envelope) {
		errs = append(errs, fmt.Errorf("unknown envelope %q: want one of %s", o.Envelope, strings.Join(envelopes, ", ")))
	}

	o.TokenLifetime = orDefault(o.TokenLifetime, time.Hour)
	if o.TokenLifetime < time.Second || o.TokenLifetime%time.Second != 0 {
		errs = append(errs, fmt.Errorf("token lifetime: %v is not in whole seconds", o.TokenLifetime))
	}
	o.JWTSecret = orDefault(o.JWTSecret, "sandbox-proportal-signing-key-of-no-value")
	o.SolosToken = orDefault(o.SolosToken, "sandbox-solos-token")
	o.SolosSecret = orDefault(o.SolosSecret, "sandbox-solos-secret")
	o.CustomerField = orDefault(o.CustomerField, "client_id")
	if slices.Contains(otherFields(), o.CustomerField) {
		errs = append(errs, fmt.Errorf("customer field: %q is another field of a project", o.CustomerField))
	}
	if err := errors.Join(errs...); err != nil {
		return Options{}, fmt.Errorf("sandbox options: %w", err)
	}
	return o, nil
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// size reads one of the sizes: zero is the default, negative is none.
func size(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return max(n, 0)
}
