package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestImageListensWhereItsFileSays: the program of the image listens on all addresses, unless a file that
// is mounted into it says otherwise.
func TestImageListensWhereItsFileSays(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`-ldflags="([^"]*)"`).FindSubmatch(dockerfile)
	if flags == nil {
		t.Fatal("the Dockerfile has no -ldflags")
	}
	binary := filepath.Join(t.TempDir(), "crmgraph")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags", string(flags[1]), "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var env []string
	for _, variable := range regexp.MustCompile(`(?m)^ENV (\S+=\S+)$`).FindAllSubmatch(dockerfile, -1) {
		env = append(env, string(variable[1]))
	}
	for _, test := range []struct {
		name, file, want string
	}{
		{"no file", "", "listen: :8080\n"},
		{"a file", "listen: 127.0.0.1:9090\n", "listen: 127.0.0.1:9090\n"},
		{"a file that says nothing of it", "h2c: true\n", "listen: :8080\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), binary, "config")
			command.Env = append(env[:len(env):len(env)], "CRMGRAPH_CONFIG="+writeFile(t, test.file))
			out, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(out), test.want) {
				t.Errorf("got %q, want it to begin with %q", out, test.want)
			}
		})
	}
}
