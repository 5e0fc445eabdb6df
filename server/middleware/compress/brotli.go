package compress

import (
	"io"

	"github.com/andybalholm/brotli"
	"github.com/andybalholm/brotli/matchfinder"
)

// brotliLevel is the first at which lists get smaller than with gzip. At the lowest levels of
// the library's older writer, which can flush, they take as much CPU and do not.
const brotliLevel = 1

// brotliWriter is the library's newer writer. It cannot flush.
type brotliWriter struct{ writer *matchfinder.Writer }

func newBrotli() (brotliWriter, error) {
	return brotliWriter{brotli.NewWriterV2(nil, brotliLevel)}, nil
}

// Write is part of io.Writer.
func (b brotliWriter) Write(p []byte) (int, error) { return b.writer.Write(p) }

// Close ends what is compressed.
func (b brotliWriter) Close() error { return b.writer.Close() }

// Reset has b compress into w. Letting go of a writer does not clear the tables, which takes
// as long as compressing a small answer, and is done before the next one.
func (b brotliWriter) Reset(w io.Writer) {
	if w == nil {
		b.writer.Dest = nil
		return
	}
	b.writer.Reset(w)
}
