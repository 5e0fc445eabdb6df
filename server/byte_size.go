package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// ByteSize is a number of bytes, written as "512", "64KiB", "16MiB" or "1GiB".
type ByteSize int64

// unit is one suffix of a ByteSize.
type unit struct {
	suffix string
	bytes  int64
}

func units() []unit {
	return []unit{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}
}

// UnmarshalText reads a whole number of bytes with an optional unit.
func (b *ByteSize) UnmarshalText(text []byte) error {
	number, factor := string(text), int64(1)
	for _, unit := range units() {
		if rest, found := strings.CutSuffix(number, unit.suffix); found {
			number, factor = strings.TrimSpace(rest), unit.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return errors.New(`want a number of bytes such as "512KiB" or "16MiB"`)
	}
	*b = ByteSize(n * factor)
	return nil
}

// MarshalText writes the size with the largest unit that leaves a whole number.
func (b ByteSize) MarshalText() ([]byte, error) {
	for _, unit := range units() {
		if n := int64(b); n != 0 && n%unit.bytes == 0 {
			return []byte(strconv.FormatInt(n/unit.bytes, 10) + unit.suffix), nil
		}
	}
	return []byte(strconv.FormatInt(int64(b), 10)), nil
}
