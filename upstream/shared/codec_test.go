package shared

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

func testCodec(tb testing.TB, maxBody int) *codec {
	tb.Helper()
	keys, err := deriveKeys(bytes.Repeat([]byte{1}, KeySize))
	if err != nil {
		tb.Fatal(err)
	}
	c, err := newCodec(keys.values, maxBody)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.close)
	return c
}

// sealPlain encrypts what seal would never make.
func (c *codec) sealPlain(name string, plain []byte) []byte {
	return c.aead.Seal([]byte{valueVersion}, nil, plain, associated(name))
}

func TestLongBodiesAreCompressed(t *testing.T) {
	t.Parallel()
	c := testCodec(t, DefaultMaxValue)
	body := []byte(strings.Repeat(`{"id":1,"name":"ACME"},`, 1000))
	sealed := c.seal("name", value{at: time.UnixMilli(5), body: body})
	if len(sealed) > len(body)/10 {
		t.Errorf("%d bytes for a body of %d", len(sealed), len(body))
	}
	got, err := c.open("name", sealed)
	if err != nil || !bytes.Equal(got.body, body) || got.at.UnixMilli() != 5 {
		t.Errorf("got %d bytes of %v: %v", len(got.body), got.at, err)
	}
}

// The largest body is read back, whatever it is made of; one that only claims to be small is
// not unpacked.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{2000, 300_000, DefaultMaxValue} {
		c := testCodec(t, size)
		largest := bytes.Repeat([]byte("a"), size)
		if got, err := c.open("name", c.seal("name", value{body: largest})); err != nil || len(got.body) != size {
			t.Errorf("%d bytes: got %d: %v", size, len(got.body), err)
		}
		encoder, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		head := append(make([]byte, valueHead-1), 0)
		head[0] = flagCompressed
		bomb := encoder.EncodeAll(bytes.Repeat([]byte("a"), 100*size), head)
		if got, err := c.open("name", c.sealPlain("name", bomb)); err == nil {
			t.Errorf("%d bytes: a bomb was unpacked to %d", size, len(got.body))
		}
	}
}

// FuzzOpen opens what does not come from seal, with the right key and without it.
func FuzzOpen(f *testing.F) {
	const most = 1 << 16
	c := testCodec(f, most)
	sealed := c.seal("name", value{at: time.UnixMilli(1), body: []byte("body")})
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Add([]byte{valueVersion})
	f.Add(append([]byte{flagCompressed}, make([]byte, 20)...))
	f.Add(c.encoder.EncodeAll(bytes.Repeat([]byte("a"), 2*most), append([]byte{flagCompressed}, make([]byte, 8)...)))
	f.Fuzz(func(t *testing.T, input []byte) {
		if got, err := c.open("other name", input); err == nil {
			t.Errorf("what nobody sealed opens as %q", got.body)
		}
		got, err := c.open("name", c.sealPlain("name", input))
		if err == nil && (len(got.body) > most || len(input) < valueHead) {
			t.Errorf("%d bytes open as %d", len(input), len(got.body))
		}
		again, err := c.open("name", c.seal("name", value{at: time.UnixMilli(0), body: input}))
		if len(input) <= most && (err != nil || !bytes.Equal(again.body, input)) {
			t.Errorf("%d bytes open as %d: %v", len(input), len(again.body), err)
		}
	})
}
