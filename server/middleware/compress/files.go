package compress

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Files compresses what does not change: once for each encoding, when a client first asks for
// it, and so better than answers. It is safe for concurrent use.
type Files struct {
	encodings []*encoding // the preferred one first
}

// The levels are the highest at which 1 MB of script takes less than 0.1 s.
const (
	fileZstdLevel   = zstd.SpeedBestCompression
	fileBrotliLevel = 6
	fileGzipLevel   = gzip.BestCompression
)

// NewFiles returns Files.
func NewFiles() (*Files, error) {
	zstds, err := encodingOf("zstd", func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(fileZstdLevel), zstd.WithEncoderConcurrency(1))
	})
	if err != nil {
		return nil, err
	}
	brotlis, err := encodingOf("br", func() (*brotli.Writer, error) { return brotli.NewWriterLevel(nil, fileBrotliLevel), nil })
	if err != nil {
		return nil, err
	}
	gzips, err := encodingOf("gzip", func() (*gzip.Writer, error) { return gzip.NewWriterLevel(nil, fileGzipLevel) })
	if err != nil {
		return nil, err
	}
	return &Files{[]*encoding{zstds, brotlis, gzips}}, nil
}

// File is one of Files.
type File struct {
	files   *Files
	content []byte
	packed  map[*encoding]func() []byte // nil where that makes it no smaller
}

// Add returns a file, of which nobody may change the content.
func (f *Files) Add(content []byte) *File {
	file := &File{files: f, content: content, packed: map[*encoding]func() []byte{}}
	for _, e := range f.encodings {
		file.packed[e] = sync.OnceValue(func() []byte { return e.pack(content) })
	}
	return file
}

// For returns the content as the client of a request prefers it, with the name of its encoding,
// "" for none. The response is to have Content-Encoding, and Vary: Accept-Encoding either way.
func (f *File) For(r *http.Request) (content []byte, encoding string) {
	if len(f.content) < defaultMinSize {
		return f.content, ""
	}
	if best := choose(r.Header.Values("Accept-Encoding"), f.files.encodings); best != nil {
		if packed := f.packed[best](); packed != nil {
			return packed, best.name
		}
	}
	return f.content, ""
}

// pack returns content compressed, nil where that makes it no smaller.
func (e *encoding) pack(content []byte) []byte {
	var packed bytes.Buffer
	encoder := e.start(&packed)
	defer e.release(encoder)
	if _, err := encoder.Write(content); err != nil {
		return nil
	}
	if err := encoder.Close(); err != nil || packed.Len() >= len(content) {
		return nil
	}
	return bytes.Clone(packed.Bytes())
}
