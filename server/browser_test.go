package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// chromium returns the browser. Without one the test is skipped, but for CI, which
// installs it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Chromium is installed")
	}
	t.Skip("no Chromium is installed: GraphiQL is not tried in a browser")
	return ""
}

// A person who opens the page finds the explorer, drawn by scripts of this server alone.
func TestExplorerInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	i := startForTest(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var page, log bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom", i.url+"/")
	cmd.Stdout, cmd.Stderr = &page, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for _, want := range []string{"graphiql-container", "graphiql-execute-button", "portfolio"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, line := range regexp.MustCompile(`.*CONSOLE.*`).FindAllString(log.String(), -1) {
		t.Errorf("the browser's console says %s", line)
	}
	await(t, "the explorer has asked for the schema", func() bool {
		return strings.Contains(i.log.String(), `"path":"/graphql"`)
	})
}
