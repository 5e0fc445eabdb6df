package jsonread

// Members goes through the members of an object:
//
//	members := d.Members()
//	for members.Next() {
//		… members.Key() … // and read or skip the value with d
//	}
//	err := members.Err()
type Members struct {
	d          *Decoder
	start, end int    // of the key in the input
	unescaped  []byte // the key if it has escapes
	inside     bool
	err        error
}

// Members begins to read an object.
func (d *Decoder) Members() Members { return Members{d: d} }

// Next goes to the next member, if d stands behind the value of the last. It is not called
// again after it was false.
func (m *Members) Next() bool {
	d := m.d
	buf, at := d.buf, d.at
	// Nearly all members but the first begin so.
	if m.inside && at+1 < len(buf) && buf[at] == ',' && buf[at+1] == '"' {
		at++
	} else {
		more, err := d.next(m.inside, '{', '}')
		if !more {
			m.err = err
			return false
		}
		m.inside = true
		if at = d.at; buf[at] != '"' {
			m.err = ErrSyntax
			return false
		}
	}
	m.start = at + 1
	m.end = plainEnd(buf, m.start)
	if m.unescaped != nil { // to look costs less than to store a pointer
		m.unescaped = nil
	}
	// Nearly all keys end so.
	if at = m.end + len(`":`); at < len(buf) && buf[at-2] == '"' && buf[at-1] == ':' && buf[at] > ' ' {
		d.at = at
		return true
	}
	return m.endOfKey()
}

// endOfKey is the rest of Next where a key has escapes or space behind it.
func (m *Members) endOfKey() bool {
	d := m.d
	buf, at := d.buf, m.end+1
	if at >= len(buf) || buf[m.end] != '"' {
		if at = m.escapedKey(); at < 0 {
			m.err = ErrSyntax
			return false
		}
	}
	if at = skipSpace(buf, at); at >= len(buf) || buf[at] != ':' {
		m.err = ErrSyntax
		return false
	}
	if at = skipSpace(buf, at+1); at >= len(buf) {
		m.err = ErrSyntax
		return false
	}
	d.at = at
	return true
}

// Expect is Next if the next member has this name and comes without escapes and space. Where
// it does not it does nothing, and Next is due. The name IsPlain.
func (m *Members) Expect(name string) bool {
	d := m.d
	buf, start := d.buf, d.at+len(`,"`)
	end := start + len(name)
	at := end + len(`":`)
	if at >= len(buf) || buf[at] <= ' ' || buf[at-1] != ':' || buf[end] != '"' || string(buf[start:end]) != name || buf[start-1] != '"' {
		return false
	}
	switch first := buf[start-2]; {
	case m.inside:
		if first != ',' {
			return false
		}
	case first != '{' || d.depth >= MaxDepth:
		return false
	default:
		m.inside = true
		d.depth++
	}
	m.start, m.end = start, end
	if m.unescaped != nil {
		m.unescaped = nil
	}
	d.at = at
	return true
}

// escapedKey reads a key that has more than plainEnd has found, and returns the position
// behind it; -1 if it is none.
func (m *Members) escapedKey() (behind int) {
	buf := m.d.buf
	if m.end = escapedEnd(buf, m.end); m.end < 0 {
		return -1
	}
	m.unescaped = AppendUnescaped([]byte{}, buf[m.start:m.end])
	return m.end + 1
}

// Key returns the name of the member. It is valid as long as the input.
func (m *Members) Key() []byte {
	if m.unescaped != nil {
		return m.unescaped
	}
	return m.d.buf[m.start:m.end]
}

// Err returns why Next was false, nil for the end of the object.
func (m *Members) Err() error { return m.err }

// Elements goes through the elements of an array as Members does through members.
type Elements struct {
	d      *Decoder
	inside bool
	err    error
}

// Elements begins to read an array.
func (d *Decoder) Elements() Elements { return Elements{d: d} }

// Next goes to the next element, if d stands behind the last. It is not called again after it
// was false.
func (e *Elements) Next() bool {
	var more bool
	more, e.err = e.d.next(e.inside, '[', ']')
	e.inside = true
	return more
}

// Err returns why Next was false, nil for the end of the array.
func (e *Elements) Err() error { return e.err }

// next goes to what comes next in an array or object: its first element or member if d is
// not inside yet. There is no more at the end.
func (d *Decoder) next(inside bool, opening, closing byte) (more bool, err error) {
	buf, at := d.buf, d.at
	if inside {
		if at = skipSpace(buf, at); at >= len(buf) {
			return false, ErrSyntax
		}
		if buf[at] == ',' {
			if at = skipSpace(buf, at+1); at >= len(buf) {
				return false, ErrSyntax
			}
			d.at = at
			return true, nil
		}
	} else {
		if at >= len(buf) || buf[at] != opening || d.depth >= MaxDepth {
			return false, ErrSyntax
		}
		d.depth++
		if at = skipSpace(buf, at+1); at >= len(buf) {
			return false, ErrSyntax
		}
		if buf[at] != closing {
			d.at = at
			return true, nil
		}
	}
	if buf[at] != closing {
		return false, ErrSyntax
	}
	d.depth--
	d.at = at + 1
	return false, nil
}
