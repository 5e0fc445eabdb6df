package crew

// line are turns that wait, in the order in which they began to.
type line struct {
	first, last *Turn
	length      int
}

func (l *line) push(t *Turn) {
	if l.first == nil {
		l.first = t
	} else {
		l.last.behind = t
	}
	l.last = t
	l.length++
}

func (l *line) pushFront(t *Turn) {
	if l.first == nil {
		l.last = t
	}
	t.behind, l.first = l.first, t
	l.length++
}

// pop returns the first, nil if there is none.
func (l *line) pop() *Turn {
	t := l.first
	if t != nil {
		l.remove(nil, t)
	}
	return t
}

// popReady returns the first whose answer has come, nil if there is none.
func (l *line) popReady() *Turn {
	var before *Turn
	for t := l.first; t != nil; before, t = t, t.behind {
		if t.answer.Ready() {
			l.remove(before, t)
			return t
		}
	}
	return nil
}

// remove takes out the one that is behind before, nil for the first.
func (l *line) remove(before, t *Turn) {
	if before == nil {
		l.first = t.behind
	} else {
		before.behind = t.behind
	}
	if l.last == t {
		l.last = before
	}
	t.behind = nil
	l.length--
}
