package jsonread

// Skip passes a value of any kind.
func (d *Decoder) Skip() error {
	_, err := d.skip()
	return err
}

// Raw passes a value of any kind and returns it as it is, a part of the input. Where it is
// spaced, AppendCompact takes the space out.
func (d *Decoder) Raw() (raw []byte, spaced bool, err error) {
	start := d.at
	if spaced, err = d.skip(); err != nil {
		return nil, false, err
	}
	return d.buf[start:d.at], spaced, nil
}

// AppendCompact appends raw, which Raw returned, without the space that is between tokens.
func AppendCompact(to, raw []byte) []byte {
	for at := 0; at < len(raw); {
		end := at + 1
		if raw[at] == '"' {
			end = scalarEnd(raw, at)
		}
		to = append(to, raw[at:end]...)
		at = skipSpace(raw, end)
	}
	return to
}

// skip passes a value and tells whether there was space in it.
func (d *Decoder) skip() (spaced bool, err error) {
	if end := scalarEnd(d.buf, d.at); end >= 0 {
		d.at = end
		return false, nil
	}
	switch d.Next() {
	case Array, Object:
		return d.skipNested()
	default:
		return false, ErrSyntax
	}
}

// scalarEnd returns the position behind the value at at; -1 if it is an array, an object or no
// value.
func scalarEnd(buf []byte, at int) int {
	if at >= len(buf) {
		return -1
	}
	switch buf[at] {
	case '"':
		end := plainEnd(buf, at+1)
		if end >= len(buf) || buf[end] != '"' {
			if end = escapedEnd(buf, end); end < 0 {
				return -1
			}
		}
		return end + 1
	case 'n':
		return literalEnd(buf, at, "null")
	case 't':
		return literalEnd(buf, at, "true")
	case 'f':
		return literalEnd(buf, at, "false")
	default:
		return numberEnd(buf, at)
	}
}

// literalEnd returns the position behind word if that is at at, else -1.
func literalEnd(buf []byte, at int, word string) int {
	if end := at + len(word); end <= len(buf) && string(buf[at:end]) == word {
		return end
	}
	return -1
}

// maxLevels is how many levels skipNested goes down by itself.
const maxLevels = 64

// skipNested passes an array or object. It knows by one bit a level which of them it is in.
func (d *Decoder) skipNested() (spaced bool, err error) {
	buf, at := d.buf, d.at
	var objects uint64 // the lowest bit is for the innermost level
	levels := 0
	for {
		// A value begins at at.
		first := byte(0)
		if at < len(buf) {
			first = buf[at]
		}
		opened := first == '[' || first == '{'
		switch {
		case !opened:
			if at = scalarEnd(buf, at); at < 0 {
				return false, ErrSyntax
			}
		case levels == maxLevels:
			inner := Decoder{buf: buf, at: at, depth: d.depth + levels}
			innerSpaced, err := inner.skipNested()
			if err != nil {
				return false, err
			}
			opened, at, spaced = false, inner.at, spaced || innerSpaced
		case d.depth+levels >= MaxDepth:
			return false, ErrSyntax
		default:
			levels++
			objects <<= 1
			if first == '{' {
				objects |= 1
			}
			at++
		}
		// What comes next is behind a value, or the first in an array or object.
		for {
			if at < len(buf) && buf[at] <= ' ' {
				at, spaced = spaceEnd(buf, at), true
			}
			if at >= len(buf) {
				return false, ErrSyntax
			}
			closing := byte(']')
			if objects&1 != 0 {
				closing = '}'
			}
			if buf[at] != closing {
				break
			}
			at++
			opened = false
			objects >>= 1
			if levels--; levels == 0 {
				d.at = at
				return spaced, nil
			}
		}
		if !opened {
			if buf[at] != ',' {
				return false, ErrSyntax
			}
			if at++; at < len(buf) && buf[at] <= ' ' {
				at, spaced = spaceEnd(buf, at), true
			}
		}
		if objects&1 != 0 {
			if at >= len(buf) || buf[at] != '"' {
				return false, ErrSyntax
			}
			if at = scalarEnd(buf, at); at < 0 {
				return false, ErrSyntax
			}
			if at < len(buf) && buf[at] <= ' ' {
				at, spaced = spaceEnd(buf, at), true
			}
			if at >= len(buf) || buf[at] != ':' {
				return false, ErrSyntax
			}
			if at++; at < len(buf) && buf[at] <= ' ' {
				at, spaced = spaceEnd(buf, at), true
			}
		}
	}
}
