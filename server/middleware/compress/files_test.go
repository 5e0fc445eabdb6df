package compress_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"crmgraph/server/middleware/compress"
)

// sendFile has a client that accepts some encodings get a file.
func sendFile(t *testing.T, file *compress.File, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", accept)
	content, encoding := file.For(r)
	rec := httptest.NewRecorder()
	if encoding != "" {
		rec.Header().Set("Content-Encoding", encoding)
	}
	_, _ = rec.Write(content)
	return rec
}

func newFiles(t *testing.T) *compress.Files {
	t.Helper()
	files, err := compress.NewFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFilesInEachEncoding(t *testing.T) {
	t.Parallel()
	files := newFiles(t)
	content := list(50_000)
	file := files.Add([]byte(content))
	for _, test := range []struct{ accept, want string }{
		{"", ""}, {"identity", ""}, {"gzip", "gzip"}, {"gzip, deflate, br", "br"}, {"gzip, deflate, br, zstd", "zstd"}, {"br;q=0.5, gzip", "gzip"},
	} {
		for range 2 { // what was made, and what was kept
			rec := sendFile(t, file, test.accept)
			if got := rec.Header().Get("Content-Encoding"); got != test.want {
				t.Errorf("Accept-Encoding: %s: got %q, want %q", test.accept, got, test.want)
			}
			if sent := rec.Body.Len(); test.want != "" && sent > len(content)/4 {
				t.Errorf("Accept-Encoding: %s: %d of %d bytes are sent, want a quarter at most", test.accept, sent, len(content))
			}
			if got := unpacked(t, rec); got != content {
				t.Errorf("Accept-Encoding: %s: got %d bytes, want the %d of the file", test.accept, len(got), len(content))
			}
		}
	}
}

func TestFilesThatGetNoSmaller(t *testing.T) {
	t.Parallel()
	files := newFiles(t)
	random := make([]byte, 4096)
	_, _ = rand.Read(random) // it never fails
	for name, content := range map[string][]byte{"small": []byte(list(500)), "random": random, "empty": nil} {
		for _, accept := range []string{"gzip", "br", "zstd"} {
			rec := sendFile(t, files.Add(content), accept)
			if got := rec.Header().Get("Content-Encoding"); got != "" || rec.Body.String() != string(content) {
				t.Errorf("%s with %s: got encoding %q and %d bytes, want the file as it is", name, accept, got, rec.Body.Len())
			}
		}
	}
}

// TestFilesForManyAtOnce: whoever asks first does not hand out half a file.
func TestFilesForManyAtOnce(t *testing.T) {
	t.Parallel()
	content := list(50_000)
	file := newFiles(t).Add([]byte(content))
	var clients sync.WaitGroup
	for _, accept := range []string{"gzip", "br", "zstd"} {
		for range 4 {
			clients.Go(func() {
				if got := unpacked(t, sendFile(t, file, accept)); got != content {
					t.Errorf("%s: got %d bytes, want the %d of the file", accept, len(got), len(content))
				}
			})
		}
	}
	clients.Wait()
}
