package http1

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// asksForGzip reports whether the client adds Accept-Encoding of its own, and so owes a
// body that is not compressed.
func asksForGzip(header http.Header) bool {
	return header["Accept-Encoding"] == nil && header["Range"] == nil
}

// decompress puts a reader in front of a body that is gzip because the client asked for it.
func decompress(resp *http.Response) {
	if resp.ContentLength == 0 || !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return
	}
	resp.Body = &inflated{body: resp.Body}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength = -1
	resp.Uncompressed = true
}

var inflaters = sync.Pool{New: func() any { return new(gzip.Reader) }}

// inflated decompresses a body as it is read.
type inflated struct {
	body   io.ReadCloser
	reader *gzip.Reader // nil before the first read and after the end
	err    error        // what all further reads give
}

func (z *inflated) Read(p []byte) (int, error) {
	if z.err != nil {
		return 0, z.err
	}
	if z.reader == nil {
		z.reader = inflaters.Get().(*gzip.Reader)
		if z.err = z.reader.Reset(z.body); z.err != nil {
			return 0, z.release()
		}
	}
	n, err := z.reader.Read(p)
	if err != nil {
		z.err = err
		return n, z.release()
	}
	return n, nil
}

// release gives the reader back and returns the error reads end in.
func (z *inflated) release() error {
	inflaters.Put(z.reader)
	z.reader = nil
	return z.err
}

func (z *inflated) Close() error {
	if z.reader != nil {
		z.err = errClosed
		_ = z.release()
	}
	return z.body.Close()
}
