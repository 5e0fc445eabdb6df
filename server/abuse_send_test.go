package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// attackClient keeps its connections, as an attacker would who does not want to pay for more. It
// unpacks nothing.
var attackClient = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}

// post sends a body as a client of GraphQL does.
func post(ctx context.Context, on *attacked, body string, header http.Header) (seen, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, on.url(), strings.NewReader(body))
	if err != nil {
		return seen{}, err
	}
	req.Header = attackHeader(on)
	for name, values := range header {
		req.Header[name] = values
	}
	return answerTo(req)
}

func attackHeader(on *attacked) http.Header {
	return http.Header{
		"Content-Type":  {"application/json"},
		"Accept":        {"application/graphql-response+json, application/json;q=0.9"},
		"Authorization": {"Bearer " + on.token},
	}
}

// answerTo sends a request and reads all of its answer.
func answerTo(req *http.Request) (seen, error) {
	resp, err := attackClient.Do(req)
	if err != nil {
		return seen{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return readSeen(resp)
}

// dialled is a connection on which an attacker writes what no client would.
type dialled struct {
	net.Conn
	reader *bufio.Reader
}

// dial connects to the server until ctx ends.
func dial(ctx context.Context, on *attacked) (*dialled, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", on.address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	return &dialled{conn, bufio.NewReader(conn)}, nil
}

// read reads the next answer.
func (d *dialled) read() (seen, error) {
	resp, err := http.ReadResponse(d.reader, nil)
	if err != nil {
		return seen{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return readSeen(resp)
}

// writes returns an attack that writes bytes to a connection of its own and reads one answer. The
// server may answer and hang up before it has read all of them.
func writes(write func(on *attacked, w io.Writer) error) func(context.Context, *attacked, int) (seen, error) {
	return func(ctx context.Context, on *attacked, _ int) (seen, error) {
		conn, err := dial(ctx, on)
		if err != nil {
			return seen{}, err
		}
		written := make(chan struct{})
		go func() {
			defer close(written)
			_ = write(on, conn) // fails where the server hangs up
		}()
		got, err := conn.read()
		_ = conn.Close()
		<-written
		return got, err
	}
}

// errorCode finds the codes of errors, in answers of all kinds.
var errorCode = regexp.MustCompile(`"code":\s*"([A-Z_]+)"`)

func readSeen(resp *http.Response) (seen, error) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return seen{}, err
	}
	return seen{resp.StatusCode, codesIn(resp.Header.Get("Content-Type"), body)}, nil
}

// codesIn returns the different codes of the errors of an answer.
func codesIn(contentType string, body []byte) string {
	if mediaType, _, _ := mime.ParseMediaType(contentType); !strings.Contains(mediaType, "json") && !strings.HasPrefix(mediaType, "multipart/") {
		return ""
	}
	if !bytes.Contains(body, []byte(`"errors"`)) {
		return ""
	}
	var codes []string
	for _, found := range errorCode.FindAllSubmatch(body, -1) {
		codes = append(codes, string(found[1]))
	}
	slices.Sort(codes)
	if codes = slices.Compact(codes); len(codes) == 0 {
		return "errors without a code"
	}
	return strings.Join(codes, " ")
}

// operation returns the body of a request.
func operation(query string, variables any) string {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err) // of values that a test has written
	}
	return string(body)
}
