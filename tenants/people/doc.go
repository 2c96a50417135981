// Package people owns sites, teams, agents, their skills and tiers, the clients
// they serve and their employment. Every membership, skill and employment is
// effective-dated; names and addresses live in profiles, which can be erased.
//
// Flow in: people imports and the people pages. Flow out: the staff in force at an
// instant, for rosters and routing, and the keys by which imports find agents.
package people
