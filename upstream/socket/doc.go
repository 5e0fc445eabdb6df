// Package socket reads from and writes to TCP connections without telling Go's scheduler of each
// system call. Sockets are non-blocking: what cannot be done at once is waited for in the network
// poller, as ever, so that no system call lasts. To be told of them all the same costs the scheduler
// its sleep: the first one after a pause wakes its monitor, which then looks at all processors every
// 20 microseconds. For a process that mostly waits, that is a fifth of its time.
package socket
