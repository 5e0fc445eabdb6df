package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// hundredMegabytes is far more than anybody may send.
const hundredMegabytes = 100_000_000

// zeros packs n zero bytes.
func zeros(n int64) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.CopyN(writer, endlessZeros{}, n); err != nil {
		panic(err) // of a buffer
	}
	if err := writer.Close(); err != nil {
		panic(err)
	}
	return packed.Bytes()
}

type endlessZeros struct{}

func (endlessZeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// head writes the beginning of a request, up to the headers that say how its body comes.
func head(on *attacked, w io.Writer, more string) error {
	_, err := fmt.Fprintf(w, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n%s\r\n", on.token, more)
	return err
}

// bodyAttacks are bodies that are none, or too much.
func bodyAttacks() []attack {
	packed, twice := zeros(hundredMegabytes), new(bytes.Buffer)
	writer := gzip.NewWriter(twice)
	_, _ = writer.Write(packed)
	_ = writer.Close()
	encoded := func(encoding string, body []byte) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, _ int) (seen, error) {
			return post(ctx, on, string(body), http.Header{"Content-Encoding": {encoding}})
		}
	}
	plain := func(body string) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, _ int) (seen, error) { return post(ctx, on, body, nil) }
	}
	const (
		tooLarge = http.StatusRequestEntityTooLarge
		bad      = http.StatusBadRequest
		odd      = http.StatusUnsupportedMediaType
	)
	tooMuch := seen{tooLarge, "BODY_TOO_LARGE"}
	notJSON := seen{bad, "INVALID_JSON"}
	return []attack{
		{name: "a body of 100 MB", make: writes(func(on *attacked, w io.Writer) error {
			if err := head(on, w, fmt.Sprintf("Content-Length: %d\r\n", hundredMegabytes)); err != nil {
				return err
			}
			_, err := io.CopyN(w, endlessZeros{}, hundredMegabytes)
			return err
		}), want: tooMuch, onStock: true},
		{name: "a body of 100 MB in chunks", make: writes(func(on *attacked, w io.Writer) error {
			if err := head(on, w, "Transfer-Encoding: chunked\r\n"); err != nil {
				return err
			}
			chunk := make([]byte, 1<<20)
			for range hundredMegabytes / len(chunk) {
				if _, err := fmt.Fprintf(w, "%x\r\n%s\r\n", len(chunk), chunk); err != nil {
					return err
				}
			}
			_, err := io.WriteString(w, "0\r\n\r\n")
			return err
		}), want: tooMuch, onStock: true},
		{name: "a gzip of 100 MB", make: encoded("gzip", packed), want: tooMuch, onStock: true},
		{name: "a gzip in a gzip", make: encoded("gzip, gzip", twice.Bytes()), want: seen{odd, "UNSUPPORTED_CONTENT_ENCODING"}},
		{name: "a gzip cut off", make: encoded("gzip", packed[:100]), want: seen{bad, "BAD_USER_INPUT"}},
		{name: "zstd", make: encoded("zstd", packed), want: seen{odd, "UNSUPPORTED_CONTENT_ENCODING"}},
		{name: "1 MB that is not UTF-8", make: plain(`{"query":"` + strings.Repeat("\xff", 1_000_000) + `"}`), want: notJSON, onStock: true},
		{name: "half a character, in an escape", make: plain(`{"query":"{ viewer { id } } #\ud800"}`), want: seen{http.StatusOK, ""}, onStock: true},
		{name: "1 MB of lists in each other", make: plain(strings.Repeat("[", 1_000_000)), want: notJSON, onStock: true},
		{name: "an object of 90,000 keys", make: plain("{" + sequence(90_000, func(i int) string { return fmt.Sprintf(`"k%d":0,`, i) }) + `"query":"{__typename}"}`), want: seen{http.StatusOK, ""}, onStock: true},
	}
}

// requestAttacks are requests that are not what they should be, apart from their bodies.
func requestAttacks() []attack {
	get := func(query string, header http.Header) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, _ int) (seen, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, on.url()+"?query="+url.QueryEscape(query), nil)
			if err != nil {
				return seen{}, err
			}
			req.Header = header.Clone()
			return answerTo(req)
		}
	}
	with := func(header http.Header) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, _ int) (seen, error) {
			return post(ctx, on, usual, header)
		}
	}
	headers := func(lines string) func(context.Context, *attacked, int) (seen, error) {
		return writes(func(on *attacked, w io.Writer) error {
			// In one piece: net/http hangs up on what it cannot read, and what came after that
			// would have the answer thrown away.
			var request bytes.Buffer
			if err := head(on, &request, lines+fmt.Sprintf("Content-Length: %d\r\n", len(usual))); err != nil {
				return err
			}
			request.WriteString(usual)
			_, err := request.WriteTo(w)
			return err
		})
	}
	otherSite := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
	from := func(contentType string) http.Header {
		header := otherSite.Clone()
		header.Set("Content-Type", contentType)
		return header
	}
	choices := strings.Repeat("application/x;q=0.5,", 2900)
	const tooManyHeaders = http.StatusRequestHeaderFieldsTooLarge
	forbidden := seen{http.StatusForbidden, "CROSS_SITE_REQUEST"}
	return []attack{
		{name: "a header of 1 MB", make: headers("X-Large: " + strings.Repeat("a", 1_000_000) + "\r\n"), want: seen{tooManyHeaders, ""}, onStock: true},
		{name: "20,000 headers", make: headers(sequence(20_000, func(i int) string { return fmt.Sprintf("X-%d: a\r\n", i) })), want: seen{tooManyHeaders, ""}, onStock: true},
		{name: "5,000 headers", make: headers(sequence(5000, func(i int) string { return fmt.Sprintf("X-%d: a\r\n", i) })), want: seen{http.StatusOK, ""}, onStock: true},
		{name: "a header in two lines, as long ago", make: headers("X-Folded: a\r\n\tX-Injected: b\r\n"), want: seen{http.StatusOK, ""}},
		{name: "a header with a NUL", make: headers("X-Odd: a\x00b\r\n"), want: seen{http.StatusBadRequest, ""}, onStock: true},
		{name: "two lengths", make: headers("Content-Length: 1\r\n"), want: seen{http.StatusBadRequest, ""}, onStock: true},
		{name: "a length, and chunks that are none", make: writes(func(on *attacked, w io.Writer) error {
			if err := head(on, w, "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"); err != nil {
				return err
			}
			_, err := io.WriteString(w, "GET /healthz HTTP/1.1\r\n\r\n")
			return err
		}), want: seen{http.StatusBadRequest, "BAD_USER_INPUT"}, onStock: true},
		{name: "2,900 media types to choose from", make: with(http.Header{"Accept": {choices + "*/*"}}), want: seen{http.StatusOK, ""}, onStock: true},
		{name: "7,000 encodings to choose from", make: with(http.Header{"Accept-Encoding": {strings.TrimSuffix(strings.Repeat("x;q=0.5,", 7000), ",")}}), want: seen{http.StatusOK, ""}},
		{name: "a mutation by GET", make: get("mutation{login{token}}", nil), want: seen{http.StatusMethodNotAllowed, "MUTATION_BY_GET"}},
		{name: "a document of 60 KB by GET", make: get("{"+strings.Repeat("a ", 20_000)+"}", nil), want: seen{http.StatusRequestURITooLong, "URI_TOO_LONG"}, onStock: true},
		{name: "a page of another site sends text", make: with(from("text/plain")), want: forbidden},
		{name: "a page of another site sends a form", make: with(from("application/x-www-form-urlencoded")), want: forbidden},
		{name: "a page of another site sends JSON", make: with(from("application/json")), want: forbidden},
		{name: "a page of another site asks by GET", make: get("{__typename}", otherSite), want: forbidden},
		{name: "text instead of JSON", make: with(http.Header{"Content-Type": {"text/plain"}}), want: seen{http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"}, onStock: true},
	}
}
