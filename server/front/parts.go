package front

import "strconv"

// parts is what the body of a response is written to once its first part is known.
type parts response

func (p *parts) Write(part []byte) (int, error) {
	w := (*response)(p)
	if !w.headed {
		w.completeHead(part)
	}
	if w.chunked {
		w.out.held = strconv.AppendInt(w.out.held, int64(len(part)), 16)
		w.hold("\r\n")
	}
	w.write(part)
	if w.chunked {
		w.hold("\r\n")
	}
	return len(part), w.err
}

// write holds what is not too much and sends the rest as it is.
func (w *response) write(part []byte) {
	if len(w.out.held)+len(part) > maxHeld {
		fit := max(0, min(len(part), firstPiece-len(w.out.held)))
		w.out.held = append(w.out.held, part[:fit]...)
		part = part[fit:]
		w.send()
		if len(part) > firstPiece {
			w.sendBytes(part)
			return
		}
	}
	w.out.held = append(w.out.held, part...)
}

// hold appends to what will be sent.
func (w *response) hold(text string) { w.out.held = append(w.out.held, text...) }

// flush sends all that was written.
func (w *response) flush() {
	_ = w.out.sample.Flush() // its errors are ours
	if !w.headed {
		w.completeHead(nil)
	}
	w.send()
}

// send sends what is held.
func (w *response) send() {
	if len(w.out.held) > 0 {
		w.sendBytes(w.out.held)
		w.out.held = w.out.held[:0]
	}
}

// sendBytes ends the request if nobody takes them.
func (w *response) sendBytes(p []byte) {
	if w.err != nil {
		return
	}
	if _, w.err = w.conn.socket.Write(p); w.err != nil {
		w.ctx.Cancel()
	}
}
