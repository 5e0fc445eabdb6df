// Package front answers plain requests over HTTP/1.1 without net/http's server, and gives every
// connection on which anything else comes to that server, for good and with what was read.
//
// A request is plain if it is a GET or POST of a path, its head is strictly what the standard
// wants and asks for nothing of the connection, and it comes whole within moments: in 16 KiB of
// head and 64 KiB of body. So no strictness here refuses anybody. What is malformed, slow, large,
// chunked or an upgrade is judged by net/http, with its limits, timeouts and statuses.
//
// What makes plain requests cheap: the goroutine that reads a request also answers it; an answer
// leaves in one system call; no request has a timer, a deadline or a second goroutine. A sweeper
// that looks every few milliseconds gives those that take longer what net/http gives all at once:
// somebody who notices that the client leaves, and an end to writing.
package front
