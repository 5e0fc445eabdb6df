// Package graphiql serves GraphiQL, the explorer for GraphQL APIs, from files that are
// part of the program: the page asks no other host for anything.
package graphiql

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed page.html
var pageFile embed.FS

//go:embed examples
var exampleFiles embed.FS

// policy returns the Content-Security-Policy of one page: scripts and styles are those that
// have its nonce. The editor positions its parts through the DOM's style objects, which is no
// inline style to a browser, and gives its style elements the nonce that page.js hands on.
func policy(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce + "'; " +
		"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Options are the settings of New.
type Options struct {
	// Endpoint is the path of the GraphQL endpoint.
	Endpoint string
	// Assets is the path below which the page finds its files; it ends with a slash. The page names
	// both as they are seen from /, so that it works behind a proxy that has it below another path.
	Assets string
	// Token makes the bearer token that the page starts with; nil for none.
	Token func() string
	// Compress sends the page's files compressed to those who accept that.
	Compress bool
}

// Example is a query that the page opens with.
type Example struct {
	Query     string `json:"query"`
	Variables string `json:"variables,omitempty"`
}

// settings is what page.js is told.
type settings struct {
	Endpoint string    `json:"endpoint"`
	Headers  string    `json:"headers"`
	Examples []Example `json:"examples"`
}

// New returns the handler of the page, which belongs at / and answers with it at any path that
// is not below opts.Assets, and of its files.
func New(opts Options) (http.Handler, error) {
	page, err := template.ParseFS(pageFile, "page.html")
	if err != nil {
		return nil, err
	}
	examples, err := Examples()
	if err != nil {
		return nil, err
	}
	assets, err := loadAssets(opts.Compress)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(opts.Assets, http.StripPrefix(opts.Assets, assets))
	mux.Handle("/", &pageHandler{page: page, opts: opts, examples: examples})
	return mux, nil
}

// Examples returns the queries that the page opens with, in order.
func Examples() ([]Example, error) {
	names, err := fs.Glob(exampleFiles, "examples/*.graphql")
	if err != nil {
		return nil, err
	}
	examples := make([]Example, 0, len(names))
	for _, name := range names {
		query, err := exampleFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		// Only a query with variables has a file of them.
		variables, err := exampleFiles.ReadFile(strings.TrimSuffix(name, ".graphql") + ".json")
		if err != nil {
			variables = nil
		}
		examples = append(examples, Example{Query: string(query), Variables: string(variables)})
	}
	return examples, nil
}

type pageHandler struct {
	page     *template.Template
	opts     Options
	examples []Example
}

func (h *pageHandler) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	headers, err := h.headers()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	var body bytes.Buffer
	nonce := rand.Text()
	err = h.page.Execute(&body, struct {
		Nonce    string
		Assets   string
		Settings settings
	}{nonce, relative(h.opts.Assets), settings{relative(h.opts.Endpoint), headers, h.examples}})
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy(nonce))
	w.Header().Set("X-Frame-Options", "DENY")
	// The page may hold a token.
	w.Header().Set("Cache-Control", "no-store")
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body.Bytes())
}

// relative returns a path as a page at / names it.
func relative(path string) string { return strings.TrimPrefix(path, "/") }

// headers is the text of the page's header editor.
func (h *pageHandler) headers() (string, error) {
	if h.opts.Token == nil {
		return "", nil
	}
	text, err := json.MarshalIndent(map[string]string{"Authorization": "Bearer " + h.opts.Token()}, "", "  ")
	return string(text), err
}
