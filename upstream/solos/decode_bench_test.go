package solos_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// BenchmarkDecode decodes answers that the sandbox gives over HTTP.
func BenchmarkDecode(b *testing.B) {
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		crm, err := sandbox.Start(sandbox.Options{Dialect: dialect, BigCustomer: 200})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = crm.Close() })
		client, err := solos.New(crm.SolosURL(), crm.SolosToken(), crm.SolosSecret(), solos.Options{})
		if err != nil {
			b.Fatal(err)
		}
		byID := fmt.Sprintf("id=%d", firstWithParts(b, crm.Data().Projects).ID)
		for _, answer := range []struct {
			name   string
			call   upstream.Call
			query  string
			body   string
			decode func(*jsonread.Decoder) (elements int, err error)
		}{
			{"filter", solos.FilterProjectsCall, "", `{"count":175,"offset":0}`, client.ReadProjects},
			{"projects", solos.ListProjectsCall, "count=100&offset=0", "", client.ReadProjects},
			{"project", solos.GetProjectCall, byID, "", client.ReadOneProject},
			{"steps", solos.ListStepsCall, byID, "", client.ReadSteps},
			{"payments", solos.ListPaymentsCall, byID, "", client.ReadPayments},
		} {
			b.Run(answer.name+"/"+string(dialect), func(b *testing.B) {
				body := bodyOf(b, crm, answer.call, answer.query, answer.body)
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					elements, err := answer.decode(jsonread.New(body))
					if err != nil || elements == 0 {
						b.Fatalf("got %d elements, %v", elements, err)
					}
				}
			})
		}
	}
}

// firstWithParts returns the first project that has a few steps and a few payments.
func firstWithParts(b *testing.B, projects []*sandbox.Project) *sandbox.Project {
	b.Helper()
	i := slices.IndexFunc(projects, func(p *sandbox.Project) bool {
		return len(p.Steps) >= 3 && len(p.Payments) >= 3 && len(p.Payments) < 10
	})
	if i < 0 {
		b.Fatal("no project has three steps and three payments")
	}
	return projects[i]
}

// bodyOf returns what the sandbox answers.
func bodyOf(b *testing.B, crm *sandbox.Sandbox, call upstream.Call, query, body string) []byte {
	b.Helper()
	url := crm.SolosURL() + "/backend/public/" + call.Path + "?" + query
	req, err := http.NewRequestWithContext(b.Context(), call.Method, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("X-Crypto-Token", crm.SolosToken())
	req.Header.Set("X-Crypto-Secret", crm.SolosSecret())
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return answer
}
