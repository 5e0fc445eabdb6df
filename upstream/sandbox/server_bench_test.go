package sandbox_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"crmgraph/upstream/sandbox"
)

// BenchmarkAnswer asks for the steps of 100 projects side by side over kept connections,
// with a client that costs little: it sends bytes and reads as many as came the first time.
func BenchmarkAnswer(b *testing.B) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	base, err := url.Parse(s.SolosURL())
	if err != nil {
		b.Fatal(err)
	}
	clients := make([]*rawClient, 100)
	for i := range clients {
		clients[i] = newRawClient(b, base.Host, strings.Join([]string{
			fmt.Sprintf("GET %s%s/steps?id=%d HTTP/1.1", base.Path, projects, i+1),
			"Host: " + base.Host, "X-Crypto-Token: " + s.SolosToken(), "X-Crypto-Secret: " + s.SolosSecret(),
			"Accept: application/json", "Accept-Encoding: gzip", "", "",
		}, "\r\n"))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range clients {
			c.send(b)
		}
		for _, c := range clients {
			c.receive(b)
		}
	}
}

// rawClient makes one request over and over.
type rawClient struct {
	conn    net.Conn
	request []byte
	answer  []byte
}

// newRawClient makes the request once, to learn how long the answer is.
func newRawClient(b *testing.B, address, request string) *rawClient {
	b.Helper()
	conn, err := new(net.Dialer).DialContext(b.Context(), "tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	c := &rawClient{conn: conn, request: []byte(request)}
	c.send(b)
	length := 0
	reader := bufio.NewReader(io.TeeReader(conn, writeCounter{&length}))
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		b.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		b.Fatalf("got %s, want 200", res.Status)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		b.Fatal(err)
	}
	_ = res.Body.Close()
	c.answer = make([]byte, length)
	return c
}

// writeCounter counts what is written to it.
type writeCounter struct{ n *int }

func (w writeCounter) Write(p []byte) (int, error) {
	*w.n += len(p)
	return len(p), nil
}

func (c *rawClient) send(b *testing.B) {
	if _, err := c.conn.Write(c.request); err != nil {
		b.Fatal(err)
	}
}

func (c *rawClient) receive(b *testing.B) {
	if _, err := io.ReadFull(c.conn, c.answer); err != nil {
		b.Fatal(err)
	}
}
