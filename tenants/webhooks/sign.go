package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"muster/tenants/calendar"
)

// SignatureHeader carries the signature of a request.
const SignatureHeader = "X-Muster-Signature"

// clockSkew is how far the clocks of sender and receiver may differ.
const clockSkew = 5 * calendar.Minute

// Sign gives the signature of a body: "t=<seconds>,v1=<hex>".
func Sign(secret, body []byte, at calendar.Instant) string {
	stamp := strconv.FormatInt(int64(at/calendar.Second), 10)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(digest(secret, stamp, body))
}

// Signed reports whether a signature fits the body and was made within five minutes of now.
func Signed(secret, body []byte, signature string, now calendar.Instant) bool {
	var stamp, sum string
	for part := range strings.SplitSeq(signature, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			sum = value
		}
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	given, err2 := hex.DecodeString(sum)
	if err != nil || err2 != nil || at < 0 || at > 1<<40 {
		return false
	}
	age := now - calendar.Instant(at)*calendar.Second
	return age <= clockSkew && age >= -clockSkew && hmac.Equal(given, digest(secret, stamp, body))
}

func digest(secret []byte, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}
