package alarm

// list has alarms in the order of their times. They are set in nearly that order, so that a new
// one belongs at the end or close to it.
type list struct{ first, last *Alarm }

func (l *list) add(a *Alarm) {
	before := l.last
	for before != nil && a.at.Before(before.at) {
		before = before.previous
	}
	next := l.first
	if before != nil {
		next = before.next
	}
	a.ahead = true
	l.link(before, a)
	l.link(a, next)
}

func (l *list) remove(a *Alarm) {
	l.link(a.previous, a.next)
	a.ahead, a.previous, a.next = false, nil, nil
}

// link puts b behind a; nil stands for the end on that side.
func (l *list) link(a, b *Alarm) {
	if a == nil {
		l.first = b
	} else {
		a.next = b
	}
	if b == nil {
		l.last = a
	} else {
		b.previous = a
	}
}
