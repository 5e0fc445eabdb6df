package sandbox_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// crmRequest asks one CRM for a list.
func crmRequest(t *testing.T, s *sandbox.Sandbox, service upstream.Service) *http.Request {
	t.Helper()
	if service == upstream.ProPortal {
		return portalRequest(t, s, s.ManagerIDs()[0], workspace+"groups")
	}
	return solosRequest(t, s, http.MethodGet, projects, "")
}

// exchange makes a request and returns the answer's body.
func exchange(client http.RoundTripper, r *http.Request) (string, error) {
	res, err := client.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func TestStopAndResume(t *testing.T) {
	t.Parallel()
	others := map[upstream.Service]upstream.Service{upstream.ProPortal: upstream.Solos, upstream.Solos: upstream.ProPortal}
	for service, other := range others {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 10})
			client := &http.Transport{} // keeps its connections
			t.Cleanup(client.CloseIdleConnections)
			ask := func(of upstream.Service) (string, error) { return exchange(client, crmRequest(t, s, of)) }
			before, err := ask(service)
			if err != nil {
				t.Fatal(err)
			}

			for range 2 { // stopped again where it was resumed
				if err := s.Stop(service); err != nil {
					t.Fatal(err)
				}
				if got, err := ask(service); !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("stopped: got %q and error %v, want a refused connection", got, err)
				}
				if _, err := ask(other); err != nil {
					t.Errorf("the other CRM: %v", err)
				}
				if err := s.Resume(service); err != nil {
					t.Fatal(err)
				}
				after, err := ask(service)
				if err != nil {
					t.Errorf("resumed: %v", err)
				}
				if diff := gocmp.Diff(before, after); diff != "" {
					t.Errorf("resumed (-before +after):\n%s", diff)
				}
			}
		})
	}
}

func TestStopEndsWhatIsInWork(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 10})
	s.SetFault("solos.projects", sandbox.Fault{Kind: sandbox.FaultHang})
	asked := crmRequest(t, s, upstream.Solos)
	failed := make(chan error, 1)
	go func() {
		_, err := exchange(&http.Transport{DisableKeepAlives: true}, asked)
		failed <- err
	}()
	for deadline := time.Now().Add(time.Minute); s.MaxConcurrent(upstream.Solos) == 0; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request does not arrive")
		}
	}
	if err := s.Stop(upstream.Solos); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the request was answered, want an error")
	}
}

// The address stays the CRM's: a gateway must not find another program there.
func TestStopHoldsTheAddress(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("addresses are held on Linux")
	}
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 10})
	address, err := net.ResolveTCPAddr("tcp", hostOf(t, s.ProPortalURL()))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(upstream.ProPortal); err != nil {
		t.Fatal(err)
	}
	// A connection takes its own end's address as a program does that is given one.
	dialer := net.Dialer{LocalAddr: address}
	conn, err := dialer.DialContext(t.Context(), "tcp", hostOf(t, s.SolosURL()))
	if err == nil {
		_ = conn.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got error %v, want an address in use", err)
	}
}

func hostOf(t *testing.T, text string) string {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Host
}

func TestStopAndResumeOutOfTurn(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 10})
	steps := []struct {
		name  string
		do    func() error
		fails bool
	}{
		{"resume what serves", func() error { return s.Resume(upstream.Solos) }, true},
		{"stop", func() error { return s.Stop(upstream.Solos) }, false},
		{"stop again", func() error { return s.Stop(upstream.Solos) }, true},
		{"stop nobody", func() error { return s.Stop("nobody") }, true},
		{"close", s.Close, false},
		{"resume what is closed", func() error { return s.Resume(upstream.Solos) }, true},
		{"stop what is closed", func() error { return s.Stop(upstream.ProPortal) }, true},
	}
	for _, step := range steps {
		if err := step.do(); (err != nil) != step.fails {
			t.Errorf("%s: got error %v, want one: %t", step.name, err, step.fails)
		}
	}
}
