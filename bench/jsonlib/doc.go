// Package jsonlib compares JSON libraries on answers of both CRMs, as the sandbox gives
// them over HTTP. It has benchmarks alone:
//
//	go test ./jsonlib -run xxx -bench . -benchmem
//	GOEXPERIMENT=jsonv2 go test ./jsonlib -run xxx -bench . -benchmem
//
// The clients of crmgraph decode as they always do: both dialects, every spelling of a
// number, exact amounts, times, unknown members kept. The libraries decode into plain
// structs that fit one dialect and leave times as they are sent.
package jsonlib
