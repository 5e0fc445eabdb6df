// Package sandbox emulates both CRMs in-process over real HTTP on loopback:
// ProPortal and solOS, each on its own listener, with a realistic data set that is
// the same on every start.
//
// It is written from the CRMs' references and not from the clients, so that a test
// over the sandbox compares two independent readings of the same page. Tests count
// its calls, read its requests and data, and make it fail on purpose; a program that
// has no CRM at hand runs on it.
//
// The files: options.go says what can be chosen, data*.go make the data set,
// proportal_*.go and solos_*.go answer like the CRMs, faults.go and fault_answers.go
// fail like them, record.go remembers what was asked, control.go lets other programs steer.
// HTTP is in server.go, connection.go, request_*.go and response*.go.
package sandbox
