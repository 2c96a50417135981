// Package webhooks tells other systems what happened: signed HTTP requests with the
// envelopes of the outbox (tenants/events), delivered at least once with retries. While
// an endpoint answers, it hears of events in their order; one that failed comes later.
//
// In flow endpoints (an address, the types it wants, a secret; a client's endpoint
// gets that client's events alone, the provider's gets all) and events; out flow
// requests and a delivery per endpoint and event that says what came of it. A
// delivery is stored in the transaction that consumes the event, so none is lost and
// none is made twice; sending may repeat after a crash, which receivers see by the
// delivery's id in the header X-Muster-Delivery.
// Services that would publish in great number ask by ReadAudience whether anybody
// wants to hear (routing, of contacts).
//
// The signature X-Muster-Signature is "t=<seconds>,v1=<hex>", v1 being the HMAC-SHA256
// (RFC 2104) of "<seconds>.<body>" under the endpoint's secret.
package webhooks
