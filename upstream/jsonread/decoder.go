// Package jsonread reads JSON that is in memory, value by value as its caller asks for
// them. It copies nothing, keeps nothing, and checks all it passes. That text is UTF-8 is for
// the caller to check.
package jsonread

import "errors"

// ErrSyntax is the error of what is no JSON, is nested deeper than MaxDepth, or is not of the
// kind that was asked for. It does not say where, so that nothing of the input gets into logs.
var ErrSyntax = errors.New("not the JSON that was due")

// MaxDepth is how many arrays and objects may be around a value.
const MaxDepth = 10_000

// Kind is what a value is.
type Kind uint8

// The kinds of values; Invalid is what begins none, and the end of the input.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// kinds tells by its first byte what a value is.
var kinds = [256]Kind{
	'n': Null, 't': Bool, 'f': Bool, '"': String, '[': Array, '{': Object, '-': Number,
	'0': Number, '1': Number, '2': Number, '3': Number, '4': Number, '5': Number, '6': Number, '7': Number, '8': Number, '9': Number,
}

// Decoder reads one JSON text. Whenever a value is due it stands at its first byte, behind
// any space. A copy of it reads on from the same place, independently. After an error it is
// of no use, but its copies are.
type Decoder struct {
	buf   []byte
	at    int
	depth int // arrays and objects that are being read
}

// New returns a Decoder of input, which must not change while it is read.
func New(input []byte) *Decoder {
	d := new(Decoder)
	d.Reset(input)
	return d
}

// Reset makes d a Decoder of input.
func (d *Decoder) Reset(input []byte) {
	*d = Decoder{buf: input, at: skipSpace(input, 0)}
}

// Next tells what the next value begins like.
func (d *Decoder) Next() Kind {
	if d.at < len(d.buf) {
		return kinds[d.buf[d.at]]
	}
	return Invalid
}

// End reads the end of the input: nothing but space is left.
func (d *Decoder) End() error {
	d.at = skipSpace(d.buf, d.at)
	if d.at < len(d.buf) {
		return ErrSyntax
	}
	return nil
}

// Progress returns how many bytes of the input were read and how many are left.
func (d *Decoder) Progress() (read, left int) { return d.at, len(d.buf) - d.at }

// Null reads a null.
func (d *Decoder) Null() error { return d.literal("null") }

func (d *Decoder) literal(word string) error {
	end := d.at + len(word)
	if end > len(d.buf) || string(d.buf[d.at:end]) != word {
		return ErrSyntax
	}
	d.at = end
	return nil
}

// skipSpace returns the position of the first byte from at that is no space.
func skipSpace(buf []byte, at int) int {
	if at < len(buf) && buf[at] > ' ' {
		return at
	}
	return spaceEnd(buf, at)
}

// spaceEnd is skipSpace where there is space.
func spaceEnd(buf []byte, at int) int {
	for at < len(buf) && isSpace(buf[at]) {
		at++
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
