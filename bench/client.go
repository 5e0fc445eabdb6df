package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"crmgraph/bench/queries"
	"crmgraph/bench/rawhttp"
)

// client is one connection to a server. It reads answers to their end and does not look
// at them, so that it takes little from the CPUs it shares with the server.
type client struct {
	conn     *rawhttp.Conn
	response rawhttp.Response
}

func newClient(ctx context.Context, address string) (*client, error) {
	conn, err := rawhttp.Dial(ctx, address)
	return &client{conn: conn}, err
}

func (c *client) close() { _ = c.conn.Close() }

// newRequest returns the bytes of a request with a query in the name of a viewer.
func newRequest(query queries.Query, token string) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"query": query.Text})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
		"Accept: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body), nil
}

// ask sends a request and returns how long its answer took.
func (c *client) ask(request []byte) (time.Duration, error) {
	start := time.Now()
	if err := c.conn.Send(request); err != nil {
		return 0, err
	}
	if err := c.conn.Receive(&c.response); err != nil {
		return 0, err
	}
	took := time.Since(start)
	if c.response.Status != http.StatusOK {
		return 0, fmt.Errorf("answered %d: %s", c.response.Status, c.response.Body)
	}
	return took, nil
}
