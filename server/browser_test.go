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

// explorer is the page in a browser, without a window.
type explorer struct {
	t        *testing.T
	evaluate func(script string) string // runs a script in the page and returns its value
}

// openExplorer opens the page at address and waits until it is drawn.
func openExplorer(t *testing.T, address string) *explorer {
	t.Helper()
	browser, profile := chromium(t), newProfile(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	cmd := browse(ctx, browser, profile, "--remote-debugging-port=0", address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it is killed
	})

	var port string
	await(t, "the browser can be driven", func() bool {
		text, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(text), "\n")
		return port != ""
	})
	var debugger string
	await(t, "the browser has the page", func() bool {
		var targets []struct{ Type, URL, WebSocketDebuggerURL string }
		_ = json.Unmarshal([]byte(fetch(t, "http://127.0.0.1:"+port+"/json").Body), &targets)
		for _, target := range targets {
			if target.Type == "page" && strings.HasPrefix(target.URL, address) {
				debugger = target.WebSocketDebuggerURL
			}
		}
		return debugger != ""
	})
	conn, _, err := websocket.Dial(ctx, debugger, nil) //nolint:bodyclose // there is none after a handshake
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	e := &explorer{t: t, evaluate: func(script string) string {
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
	}}
	e.awaitDrawn()
	return e
}

func (e *explorer) awaitDrawn() {
	e.t.Helper()
	await(e.t, "the explorer is drawn", func() bool {
		return e.evaluate(`!!document.querySelector('.graphiql-execute-button') && document.querySelectorAll('.CodeMirror').length === 4`) == "true"
	})
}

// The explorer's editors, and what shows the result.
const (
	operationEditor = ".graphiql-editor .CodeMirror"
	headersEditor   = ".graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror"
	resultWindow    = ".result-window .CodeMirror"
)

func (e *explorer) text(editor string) string {
	e.t.Helper()
	return e.evaluate(fmt.Sprintf(`document.querySelector(%q).CodeMirror.getValue()`, editor))
}

func (e *explorer) write(editor, text string) {
	e.t.Helper()
	e.evaluate(fmt.Sprintf(`document.querySelector(%q).CodeMirror.setValue(%q)`, editor, text))
}

func (e *explorer) run() {
	e.t.Helper()
	e.evaluate(`document.querySelector('.graphiql-execute-button[aria-label^="Execute"]')?.click()`)
}

// awaitResult runs what the editors have until the result has text. An editor is read a moment after it has
// changed; until then the page runs something else.
func (e *explorer) awaitResult(text string) {
	e.t.Helper()
	await(e.t, "the explorer shows "+text, func() bool {
		e.run()
		return strings.Contains(e.text(resultWindow), text)
	})
}

// Who runs a subscription there sees its events, with the token of the page.
func TestExplorerListensInABrowser(t *testing.T) {
	t.Parallel()
	e := openExplorer(t, startForTest(t, nil).url+"/")
	e.write(operationEditor, "subscription { taskBoardChanges { removedIds } }")
	e.awaitResult(`"removedIds": []`)
}

// Who runs one with a token that is not good is told so, as with a query.
func TestExplorerTellsWhySubscriptionsAreRefused(t *testing.T) {
	t.Parallel()
	e := openExplorer(t, startForTest(t, nil).url+"/")
	e.write(operationEditor, "subscription { taskBoardChanges { removedIds } }")
	e.write(headersEditor, `{"Authorization": "Bearer ended"}`)
	e.awaitResult(`"code": "UNAUTHENTICATED"`)
}

// A token is not among what the browser keeps. The page's own is there again in tabs that are kept, and for
// what is taken up from the history.
func TestExplorerStoresNoToken(t *testing.T) {
	t.Parallel()
	e := openExplorer(t, startForTest(t, nil).url+"/")
	e.write(headersEditor, `{"Authorization": "Bearer my-secret"}`)
	e.awaitResult(`"code": "UNAUTHENTICATED"`)
	e.write(operationEditor, `{ viewer { id } }`)
	for _, again := range []string{"the first time", "after a reload"} {
		await(t, "the operation is stored "+again, func() bool {
			e.run()
			return e.evaluate(`['queries', 'tabState'].every((name) => localStorage['graphiql:' + name]?.includes('{ viewer { id } }'))`) == "true"
		})
		if stored := e.evaluate(`JSON.stringify(localStorage)`); strings.Contains(stored, "Bearer") || strings.Contains(stored, "my-secret") {
			t.Errorf("%s: the browser has stored a token: %s", again, stored)
		}
		e.evaluate(`window.isOld = true; location.reload()`)
		await(t, "the page is loaded again", func() bool { return e.evaluate(`!!window.isOld`) == "false" })
		e.awaitDrawn()
		if got, want := e.evaluate(`document.querySelectorAll('.graphiql-tab').length`), "5"; got != want {
			t.Errorf("%s: got %s tabs, want %s", again, got, want)
		}
		e.awaitResult(`"id": "2"`)
		e.evaluate(`document.querySelector('[aria-label="Show History"]')?.click()`)
		await(t, "the history is shown", func() bool { return e.evaluate(`!!document.querySelector('.graphiql-history-item-label')`) == "true" })
		e.evaluate(`document.querySelector('.graphiql-history-item-label').click()`)
		if headers := e.text(headersEditor); !strings.Contains(headers, "Bearer ey") {
			t.Errorf("%s: got the headers %q from the history, want the token of the page", again, headers)
		}
	}
}
