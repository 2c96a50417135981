package rating_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/billing/rating"
	"muster/tenants/fault"
)

// FuzzCard reads rate cards as people may write them: each is refused by a coded
// error or rates to a statement that adds up.
func FuzzCard(f *testing.F) {
	seed, err := json.Marshal(bigInput(0).Cards[0])
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte(`{"version":"v","currency":"EUR","rounding":"half_up","from":"2026-01-01","rules":[{"key":"a","form":"unit","meter":{"measure":"agent_time","unit":"hour"},"price":"1e999999999","tax":"t"}],"taxes":[{"code":"t","rate":"0.1"}]}`))
	f.Add([]byte(`{"version":"v","currency":"JPY","rounding":"half_even","from":"2026-01-01","rules":[{"key":"a","form":"graduated","meter":{"measure":"contacts_handled","unit":"contact"},"price":"0","tiers":[{"up_to":"3","price":"1.5","flat":"2"},{"price":"-1"}],"tax":"t"}],"taxes":[{"code":"t","rate":"1e-999999999"}]}`))
	facts := bigInput(2).Facts
	f.Fuzz(func(t *testing.T, text []byte) {
		var c rating.Card
		if json.Unmarshal(text, &c) != nil {
			return
		}
		s, err := rating.Rate(rating.Input{From: march, Until: april, Cards: []rating.Card{c}, Facts: facts})
		if err != nil {
			require.Contains(t, []fault.Kind{fault.Invalid, fault.TooLarge}, fault.KindOf(err), err)
			return
		}
		mustAddUp(t, s)
	})
}
