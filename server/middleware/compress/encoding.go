package compress

import (
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// encoder compresses into a writer; Reset starts anew, and with nil only lets go of the writer.
type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// flusher is an encoder that can send what it holds before the end.
type flusher interface{ Flush() error }

// encoding is a content coding with encoders that are used again. It is safe for concurrent
// use.
type encoding struct {
	name     string
	flushes  bool      // its encoders are flushers
	encoders sync.Pool // of encoder
}

// gzipLevel is where CPU per byte saved is least for JSON of 20 and 200 KB.
const gzipLevel = 1

// zstdWindow is as far back as an encoder looks, and most of the memory it holds.
const zstdWindow = 256 << 10

// offers are the encodings there are, the preferred one first.
type offers struct {
	all      []*encoding
	flushing []*encoding // for bodies that come in parts
}

func newOffers() (*offers, error) {
	newZstd := func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	}
	newGzip := func() (*gzip.Writer, error) { return gzip.NewWriterLevel(nil, gzipLevel) }
	zstds, err := encodingOf("zstd", newZstd)
	if err != nil {
		return nil, err
	}
	brotlis, err := encodingOf("br", newBrotli)
	if err != nil {
		return nil, err
	}
	gzips, err := encodingOf("gzip", newGzip)
	if err != nil {
		return nil, err
	}
	o := &offers{}
	for _, each := range []*encoding{zstds, brotlis, gzips} {
		o.all = append(o.all, each)
		if each.flushes {
			o.flushing = append(o.flushing, each)
		}
	}
	return o, nil
}

// encodingOf returns an encoding. That its options are wrong is found at once.
func encodingOf[E encoder](name string, newEncoder func() (E, error)) (*encoding, error) {
	first, err := newEncoder()
	if err != nil {
		return nil, err
	}
	e := &encoding{name: name}
	_, e.flushes = any(first).(flusher)
	e.encoders.Put(first)
	e.encoders.New = func() any {
		another, err := newEncoder()
		if err != nil {
			panic(err) // the first one was made with the same options
		}
		return another
	}
	return e, nil
}

// start returns an encoder that compresses into w.
func (e *encoding) start(w io.Writer) encoder {
	started := e.encoders.Get().(encoder)
	started.Reset(w)
	return started
}

// release gives an encoder back, which nobody may use any more.
func (e *encoding) release(used encoder) {
	used.Reset(nil)
	e.encoders.Put(used)
}
