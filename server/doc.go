// Package server is the door: HTTP on Fiber, sessions and rights, OpenAPI 3.1
// by huma, event streams, health and metrics, and the built screens.
//
// It holds no rule of the business. Every operation is registered by read or
// change (operation.go): they find the caller, check the right, open the scope,
// and — for changes — run the service, the audit entry and the stored answer of
// an Idempotency-Key in one transaction. Errors are RFC 9457 problems with a
// stable code and a text in the reader's language (problem.go).
package server
