// Package crm reads from the two CRMs with net/http and encoding/json as they come.
package crm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client reads from both CRMs.
type Client struct {
	ProPortalURL string
	SolosURL     string
	SolosToken   string
	SolosSecret  string
	Zone         *time.Location // of solOS's dates
}

type tokenKey struct{}

// WithToken passes on what a request has in Authorization.
func WithToken(ctx context.Context, authorization string) context.Context {
	return context.WithValue(ctx, tokenKey{}, authorization)
}

func (c *Client) proPortal(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.ProPortalURL+"/api/crm/workspace"+path, http.NoBody)
	if err != nil {
		return err
	}
	authorization, _ := ctx.Value(tokenKey{}).(string)
	request.Header.Set("Authorization", authorization)
	return do(request, into)
}

func (c *Client) solos(ctx context.Context, path string, into any) error {
	return c.solosDo(ctx, http.MethodGet, path, http.NoBody, into)
}

func (c *Client) solosDo(ctx context.Context, method, path string, body io.Reader, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.SolosURL+"/backend/public"+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("X-Crypto-Token", c.SolosToken)
	request.Header.Set("X-Crypto-Secret", c.SolosSecret)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	return do(request, into)
}

func (c *Client) solosPost(ctx context.Context, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.solosDo(ctx, http.MethodPost, path, bytes.NewReader(encoded), into)
}

func do(request *http.Request, into any) error {
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", request.URL.Path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
