package front

import "io"

// input is what has come on a connection.
type input struct {
	buffer     []byte // nil before anything is read
	start, end int    // of what nobody has taken yet
}

// unread returns what nobody has taken yet.
func (in *input) unread() []byte { return in.buffer[in.start:in.end] }

// take takes n bytes. They stay what they are until something is read or added.
func (in *input) take(n int) []byte {
	taken := in.buffer[in.start : in.start+n]
	in.start += n
	return taken
}

// skipBlanks takes line ends, limit at most, and returns how many there were.
func (in *input) skipBlanks(limit int) int {
	n := 0
	for unread := in.unread(); n < min(limit, len(unread)) && (unread[n] == '\r' || unread[n] == '\n'); {
		n++
	}
	in.start += n
	return n
}

// readFrom reads once.
func (in *input) readFrom(r io.Reader) error {
	in.makeRoom(1)
	n, err := r.Read(in.buffer[in.end:])
	in.end += n
	return err
}

// add appends what was read into another buffer, which is the input's then.
func (in *input) add(buffer []byte, n int) {
	if in.start == in.end {
		in.release()
		in.buffer, in.end = buffer, n
		return
	}
	in.makeRoom(n)
	in.end += copy(in.buffer[in.end:], buffer[:n])
	putBuffer(buffer)
}

// makeRoom has n bytes or more free behind what is unread. What was taken is gone with that.
func (in *input) makeRoom(n int) {
	unread := in.unread()
	needed := len(unread) + n
	// A large buffer goes back when a small one will do.
	if needed > len(in.buffer) || needed <= smallBuffer && len(in.buffer) > smallBuffer {
		fitting := takeBuffer(needed)
		copy(fitting, unread)
		putBuffer(in.buffer)
		in.buffer = fitting
	} else {
		copy(in.buffer, unread)
	}
	in.start, in.end = 0, len(unread)
}

// release gives the memory back.
func (in *input) release() {
	putBuffer(in.buffer)
	*in = input{}
}
