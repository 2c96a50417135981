package scope_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

func TestScopesHoldWhatTheyName(t *testing.T) {
	g := ids.NewSeededGenerator(calendar.NewFixedClock(1e15), 1)
	a, b, c := ids.New[ids.Client](g), ids.New[ids.Client](g), ids.New[ids.Client](g)
	require.False(t, scope.Scope{}.HasClient(a))
	require.True(t, scope.Provider().HasClient(a))
	s := scope.Clients(b, a, b)
	require.Equal(t, []ids.Client{a, b}, s.ClientIDs())
	require.False(t, s.HasClient(c))
	require.Equal(t, []ids.Client{a}, s.Within(a, c).ClientIDs())
	require.Empty(t, s.Within(c).ClientIDs())
	require.Equal(t, []ids.Client{c}, scope.Provider().Within(c).ClientIDs())
}
