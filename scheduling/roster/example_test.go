package roster_test

import (
	"context"
	"fmt"
	"strings"

	"muster/scheduling/roster"
)

// A problem in its JSON form: one client, two agents, one day, half-hour
// requirement on a 15-minute grid, a meal in the middle of the shift.
func ExampleSolve() {
	const problem = `{
 "format": "muster-roster/1", "zone": "Asia/Manila", "first_day": "2026-03-02", "days": 1, "slot_minutes": 15,
 "groups": [{"id": "care", "client": "Acme", "skill": "voice", "tier": 0, "interval_minutes": 30,
  "need": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0, 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}],
 "templates": [{"id": "day", "start_from": 420, "start_to": 540, "start_step": 30, "min_minutes": 480, "max_minutes": 480,
  "breaks": [{"id": "meal", "meal": true, "minutes": 60, "earliest": 180, "latest": 300}]}],
 "agents": [
  {"id": "ana", "skills": [{"skill": "voice", "tier": 1}], "contract": {"min_minutes": 420, "max_minutes": 420}, "history": {}},
  {"id": "ben", "skills": [{"skill": "voice", "tier": 0}], "contract": {"min_minutes": 420, "max_minutes": 420}, "history": {}}],
 "rules": [{"id": "rest", "kind": "min_rest", "owner": "law", "hard": true, "minutes": 660}]
}`
	p, err := roster.ReadProblem(strings.NewReader(problem))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := roster.Solve(context.Background(), p, roster.Options{Seed: 1, Moves: 2000})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("shifts:", len(s.Shifts), "hard:", s.Score[roster.LevelHard], "uncovered:", len(s.Unmet))
	// Output: shifts: 2 hard: 0 uncovered: 0
}
