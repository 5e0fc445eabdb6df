package model

import "time"

// Viewer is the signed-in manager.
type Viewer struct {
	ID        string
	ExpiresAt time.Time
}

// Session is a fresh login.
type Session struct {
	Token     string
	ExpiresAt time.Time
	Viewer    *Viewer
}
