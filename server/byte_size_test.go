package main

import "testing"

func TestByteSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		want    ByteSize
		written string // "" where the text cannot be read
	}{
		{"0", 0, "0"},
		{"512", 512, "512"},
		{"1024", 1 << 10, "1KiB"},
		{"64KiB", 64 << 10, "64KiB"},
		{"16 MiB", 16 << 20, "16MiB"},
		{"1536MiB", 1536 << 20, "1536MiB"},
		{"2048MiB", 2 << 30, "2GiB"},
		{"8589934591GiB", 8589934591 << 30, "8589934591GiB"},
		{"8589934592GiB", 0, ""},
		{"", 0, ""},
		{"MiB", 0, ""},
		{"-1", 0, ""},
		{"1.5MiB", 0, ""},
		{"1MB", 0, ""},
		{"many", 0, ""},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			var got ByteSize
			err := got.UnmarshalText([]byte(test.text))
			if got != test.want || (err == nil) != (test.written != "") {
				t.Fatalf("got %d, %v, want %d, readable %t", got, err, test.want, test.written != "")
			}
			if err != nil {
				return
			}
			written, err := got.MarshalText()
			if string(written) != test.written || err != nil {
				t.Errorf("written: got %q, %v, want %q", written, err, test.written)
			}
		})
	}
}
