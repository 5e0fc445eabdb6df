package front

// Plain returns how many requests were answered without net/http.
func (s *Server) Plain() int64 { return s.plain.Load() }
