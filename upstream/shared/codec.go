package shared

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// value is what is stored under a name.
type value struct {
	at       time.Time // to the millisecond
	notFound bool
	body     []byte
}

// A stored value is one byte for the version, and then encrypted: one byte of flags, the time
// in milliseconds since 1970 in eight bytes, and the body.
const (
	valueVersion = 1
	valueHead    = 1 + 8

	flagNotFound   = 1 << 0
	flagCompressed = 1 << 1
)

// compressFrom is the size from which a body is worth compressing.
const compressFrom = 1 << 10

// codec encrypts values under the name they are stored under, so that none can be put in
// another's place. Nonces are random, which is good for some 2^32 values under one key. It is
// safe for concurrent use.
type codec struct {
	aead     cipher.AEAD
	encoder  *zstd.Encoder
	decoder  *zstd.Decoder
	maxBody  int
	scratch  sync.Pool // of *[]byte, for plain text
	overhead int
}

func newCodec(key []byte, maxBody int) (*codec, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	// One goroutine compresses nearly all there is to compress.
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	// Nothing that is larger than what is stored here was stored here.
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(uint64(maxBody)), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &codec{
		aead:     aead,
		encoder:  encoder,
		decoder:  decoder,
		maxBody:  maxBody,
		scratch:  sync.Pool{New: func() any { return new([]byte) }},
		overhead: 1 + aead.Overhead() + valueHead,
	}, nil
}

func (c *codec) close() { c.decoder.Close() }

// maxSealed is the size of the largest value.
func (c *codec) maxSealed() int { return c.overhead + c.maxBody }

func (c *codec) seal(name string, v value) []byte {
	scratch := c.scratch.Get().(*[]byte)
	defer c.scratch.Put(scratch)
	plain := append((*scratch)[:0], 0)
	plain = binary.BigEndian.AppendUint64(plain, uint64(v.at.UnixMilli()))
	if v.notFound {
		plain[0] |= flagNotFound
	}
	if len(v.body) >= compressFrom {
		plain = c.encoder.EncodeAll(v.body, plain)
	}
	if len(plain) > valueHead && len(plain)-valueHead < len(v.body) {
		plain[0] |= flagCompressed
	} else {
		plain = append(plain[:valueHead], v.body...)
	}
	*scratch = plain
	sealed := make([]byte, 1, 1+len(plain)+c.aead.Overhead())
	sealed[0] = valueVersion
	return c.aead.Seal(sealed, nil, plain, associated(name))
}

var errUnreadable = errors.New("the value cannot be read")

// open returns the value in sealed, of which it keeps nothing.
func (c *codec) open(name string, sealed []byte) (value, error) {
	if len(sealed) < c.overhead || len(sealed) > c.maxSealed() || sealed[0] != valueVersion {
		return value{}, errUnreadable
	}
	plain, err := c.aead.Open(nil, nil, sealed[1:], associated(name))
	if err != nil {
		return value{}, errUnreadable
	}
	flags := plain[0]
	v := value{
		at:       time.UnixMilli(int64(binary.BigEndian.Uint64(plain[1:valueHead]))),
		notFound: flags&flagNotFound != 0,
		body:     plain[valueHead:],
	}
	if flags&flagCompressed != 0 {
		if v.body, err = c.decoder.DecodeAll(v.body, nil); err != nil {
			return value{}, errUnreadable
		}
	}
	return v, nil
}

// associated is what is authenticated with a value: its version and where it belongs.
func associated(name string) []byte { return append([]byte{valueVersion}, name...) }
