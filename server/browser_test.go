package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
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

// newProfile returns a folder for a browser. Its helpers still write there a moment after it has ended,
// which t.TempDir would not wait for.
func newProfile(t *testing.T) string {
	t.Helper()
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		await(t, "the browser's folder is left alone", func() bool { return os.RemoveAll(profile) == nil })
	})
	return profile
}

// browse returns the command that opens a page without a window.
func browse(ctx context.Context, browser, profile string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, browser, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + profile,
	}, args...)...)
}

// A person who opens the page finds the explorer, drawn by scripts of this server alone.
func TestExplorerInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	i := startForTest(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var page, log bytes.Buffer
	cmd := browse(ctx, browser, newProfile(t), "--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom", i.url+"/")
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

// Who runs a subscription there sees its events, with the token of the page.
func TestExplorerListensInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	i := startForTest(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	profile := newProfile(t)
	cmd := browse(ctx, browser, profile, "--remote-debugging-port=0", i.url+"/")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // it is killed
	}()

	var port string
	await(t, "the browser can be driven", func() bool {
		text, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(text), "\n")
		return port != ""
	})
	var address string
	await(t, "the browser has the page", func() bool {
		var targets []struct{ Type, URL, WebSocketDebuggerURL string }
		_ = json.Unmarshal([]byte(fetch(t, "http://127.0.0.1:"+port+"/json").Body), &targets)
		for _, target := range targets {
			if target.Type == "page" && strings.HasPrefix(target.URL, i.url) {
				address = target.WebSocketDebuggerURL
			}
		}
		return address != ""
	})
	conn, _, err := websocket.Dial(ctx, address, nil) //nolint:bodyclose // there is none after a handshake
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(1 << 20)
	evaluate := func(script string) string {
		t.Helper()
		if err := wsjson.Write(ctx, conn, map[string]any{"id": 1, "method": "Runtime.evaluate", "params": map[string]any{"expression": script}}); err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Result struct{ Result struct{ Value any } }
		}
		if err := wsjson.Read(ctx, conn, &answer); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(answer.Result.Result.Value)
	}

	await(t, "the explorer is drawn", func() bool {
		return evaluate(`!!document.querySelector('.graphiql-execute-button') && !!document.querySelector('.graphiql-editor .CodeMirror')`) == "true"
	})
	evaluate(`document.querySelector('.graphiql-editor .CodeMirror').CodeMirror.setValue('subscription { taskBoardChanges { removedIds } }')`)
	// The editor is read a moment after it has changed; until then the page runs something else.
	await(t, "the explorer shows an event", func() bool {
		evaluate(`document.querySelector('.graphiql-execute-button[aria-label^="Execute"]')?.click()`)
		shown := evaluate(`document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()`)
		return strings.Contains(shown, `"removedIds": []`)
	})
}
