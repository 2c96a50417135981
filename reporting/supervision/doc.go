// Package supervision is what a team leader sees and does on the live floor.
//
// Flow in: the floor as it is (routing), forecast and roster in force
// (scheduling), promises (contract) and the last bill (billing). Flow out: the
// view with today's service level projected to the day's end, judged queues and
// agents, what the gap costs, alerts with proposed actions, and the log of
// actions with their inverses.
//
// Project, Ahead and Judge are pure. The projection is Erlang A per quarter hour
// (scheduling/staffing) with the forecast of the rest of the day and the agents
// whom the roster plans, corrected for who is missing now. Alerts are rows that
// open once, are acknowledged by a person and close when their cause is gone.
// Actions are inputs of routing; each stores what would undo it.
package supervision
