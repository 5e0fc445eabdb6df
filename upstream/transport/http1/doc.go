// Package http1 sends requests over kept HTTP/1.1 connections. It does what a gateway
// needs of net/http's Transport and no more: whoever sends a request also reads its
// answer, where net/http has two goroutines a connection and passes everything between
// them. All but plain heads of answers are read by the standard library's own parser.
package http1
