package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"crmgraph/upstream"
)

// FaultKind is one way an upstream fails.
type FaultKind string

// The kinds of faults.
const (
	// FaultStatus answers with Fault.Status and an HTML page; ProPortal's 401 is its bare text.
	FaultStatus FaultKind = "status"
	// FaultHang answers nothing until the client leaves or the sandbox closes.
	FaultHang FaultKind = "hang"
	// FaultRefuse closes the connection before any answer.
	FaultRefuse FaultKind = "refuse"
	// FaultReset resets the connection before any answer.
	FaultReset FaultKind = "reset"
	// FaultTruncate sends the right headers and half of the right body.
	FaultTruncate FaultKind = "truncate"
	// FaultPHPError answers 200 with a PHP error page.
	FaultPHPError FaultKind = "php-error"
	// FaultHTML answers 200 with a login page.
	FaultHTML FaultKind = "html"
	// FaultEmptyArray answers 200 with [].
	FaultEmptyArray FaultKind = "empty-array"
	// FaultHuge answers 200 with one GiB of JSON.
	FaultHuge FaultKind = "huge"
	// FaultSlowHeaders waits Fault.Delay before the right answer.
	FaultSlowHeaders FaultKind = "slow-headers"
	// FaultSlowBody sends the right answer in eight pieces with Fault.Delay before each.
	FaultSlowBody FaultKind = "slow-body"
	// FaultGarbage answers 200 with JSON of a shape no endpoint has.
	FaultGarbage FaultKind = "garbage"
	// FaultRedirect answers 302 to Fault.Location.
	FaultRedirect FaultKind = "redirect"
)

// Fault makes requests fail. Only the fields that its kind names are used.
type Fault struct {
	Kind FaultKind
	// Status is the HTTP status of FaultStatus, 400 to 599.
	Status int
	// RetryAfter, if positive, is sent with FaultStatus as a header in whole seconds.
	RetryAfter time.Duration
	// Delay is the wait of FaultSlowHeaders and FaultSlowBody.
	Delay time.Duration
	// Location is the absolute URL FaultRedirect points at.
	Location string
	// Times is for how many requests the fault lasts; zero is until Reset.
	Times int
}

// anyTarget is the target of a fault of both CRMs.
const anyTarget = "*"

// ParseFault reads a target and a fault as a command line has them:
//
//	target=kind[:value][,option=value…]
//
// The target is an operation ("proportal.tasks"), a CRM ("solos") or "*". The value is the
// status of status, the delay of slow-headers and slow-body, and the location of redirect.
// The options are times, retry-after, delay. For instance:
//
//	proportal.tasks=status:500
//	solos=slow-body:200ms,times=3
//	solos.projects=status:429,retry-after=2s
//	*=redirect:http://127.0.0.1:9/
func ParseFault(text string) (target string, fault Fault, err error) {
	fail := func(format string, args ...any) (string, Fault, error) {
		return "", Fault{}, fmt.Errorf("fault %q: %s", text, fmt.Sprintf(format, args...))
	}
	target, rest, found := strings.Cut(text, "=")
	if !found {
		return fail("want target=kind, e.g. proportal.tasks=status:500")
	}
	parts := strings.Split(rest, ",")
	kind, value, _ := strings.Cut(parts[0], ":")
	fault.Kind = FaultKind(kind)
	switch fault.Kind {
	case FaultStatus:
		if fault.Status, err = strconv.Atoi(value); err != nil {
			return fail("%q is not an HTTP status", value)
		}
	case FaultSlowHeaders, FaultSlowBody:
		if fault.Delay, err = time.ParseDuration(value); err != nil {
			return fail("%q is not a duration", value)
		}
	case FaultRedirect:
		fault.Location = value
	case FaultHang, FaultRefuse, FaultReset, FaultTruncate, FaultPHPError, FaultHTML, FaultEmptyArray, FaultHuge, FaultGarbage:
		if value != "" {
			return fail("%s takes no value", kind)
		}
	}
	for _, option := range parts[1:] {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "times":
			fault.Times, err = strconv.Atoi(value)
		case "retry-after":
			fault.RetryAfter, err = time.ParseDuration(value)
		case "delay":
			fault.Delay, err = time.ParseDuration(value)
		default:
			return fail("unknown option %q", name)
		}
		if err != nil {
			return fail("option %s: cannot read %q", name, value)
		}
	}
	if err := fault.validate(target); err != nil {
		return fail("%v", err)
	}
	return target, fault, nil
}

// validate reports why the fault could never strike at the target.
func (f Fault) validate(target string) error {
	if !slices.Contains(faultTargets(), target) {
		return fmt.Errorf("unknown target %q: want one of %s", target, strings.Join(faultTargets(), ", "))
	}
	if f.Times < 0 || f.Delay < 0 || f.RetryAfter < 0 {
		return errors.New("times, delay and retry-after cannot be negative")
	}
	switch f.Kind {
	case FaultStatus:
		if f.Status < http.StatusBadRequest || f.Status > 599 {
			return fmt.Errorf("status %d is not between 400 and 599", f.Status)
		}
	case FaultSlowHeaders, FaultSlowBody:
		if f.Delay == 0 {
			return fmt.Errorf("%s wants a delay", f.Kind)
		}
	case FaultRedirect:
		if u, err := url.Parse(f.Location); err != nil || !u.IsAbs() {
			return fmt.Errorf("redirect wants an absolute URL, not %q", f.Location)
		}
	case FaultHang, FaultRefuse, FaultReset, FaultTruncate, FaultPHPError, FaultHTML, FaultEmptyArray, FaultHuge, FaultGarbage:
	default:
		return fmt.Errorf("unknown kind %q", f.Kind)
	}
	return nil
}

// faultTargets lists all targets there are.
func faultTargets() []string {
	targets := []string{anyTarget, string(upstream.ProPortal), string(upstream.Solos)}
	for _, r := range proPortalRoutes() {
		targets = append(targets, r.call.String())
	}
	for _, r := range solosRoutes() {
		targets = append(targets, r.call.String())
	}
	return targets
}

// faults holds the faults that are set. It is safe for concurrent use.
type faults struct {
	mu       sync.Mutex
	byTarget map[string]Fault
}

func (f *faults) set(target string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byTarget == nil {
		f.byTarget = map[string]Fault{}
	}
	f.byTarget[target] = fault
}

func (f *faults) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byTarget = nil
}

// take returns the fault that strikes a call, the narrowest target first, and uses up one of its times.
func (f *faults) take(call upstream.Call) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.byTarget) == 0 {
		return Fault{}, false
	}
	for _, target := range []string{call.String(), string(call.Service), anyTarget} {
		fault, found := f.byTarget[target]
		if !found {
			continue
		}
		if fault.Times == 1 {
			delete(f.byTarget, target)
		} else if fault.Times > 1 {
			fault.Times--
			f.byTarget[target] = fault
		}
		return fault, true
	}
	return Fault{}, false
}

// SetFault makes the requests of a target fail: an operation ("proportal.tasks"), a CRM
// ("proportal", "solos") or "*" for both. It replaces the target's fault; where several
// targets fit a request the narrowest counts. It panics on a target or fault that could
// never strike, for a test would then pass for nothing.
func (s *Sandbox) SetFault(target string, fault Fault) {
	if err := fault.validate(target); err != nil {
		panic(fmt.Sprintf("sandbox: set fault: %v", err))
	}
	s.faults.set(target, fault)
}
