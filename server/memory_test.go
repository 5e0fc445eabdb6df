package main

import "testing"

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		limit int64
		ok    bool
	}{
		{"1073741820\n", 966367638, true},
		{"max\n", 0, false},
		{"9223372036854771712\n", 0, false}, // no limit, in the kernel's older version
		{"0", 0, false},
		{"-1", 0, false},
		{"", 0, false},
	}
	for _, test := range tests {
		limit, ok := memoryLimit(test.text)
		if limit != test.limit || ok != test.ok {
			t.Errorf("memoryLimit(%q): got %d, %v, want %d, %v", test.text, limit, ok, test.limit, test.ok)
		}
	}
}
