package http1

import (
	"bufio"
	"io"
)

// sized is a body of known length.
type sized struct {
	reader *bufio.Reader
	left   int64
}

// Close is part of io.ReadCloser. What is left is for whoever owns the connection.
func (*sized) Close() error { return nil }

func (s *sized) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	n, err := s.reader.Read(p)
	s.left -= int64(n)
	switch {
	case s.left == 0:
		err = io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
