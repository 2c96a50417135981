package access

import "slices"

// Permission is an action on a kind of object.
type Permission struct {
	Object string `json:"object"`
	Action string `json:"action"`
}

// Actions on objects. Publishing, issuing and locking are apart from editing
// because they cannot be taken back.
const (
	View    = "view"
	Edit    = "edit"
	Publish = "publish"
	Issue   = "issue"
	Lock    = "lock"
	Run     = "run"
	Upload  = "upload" // hand in a file or events of one's own beside ours
	Unlock  = "unlock" // take back a lock, or depart from what is locked by agreement, with a reason
)

// catalogue lists the objects with the actions that exist for them.
var catalogue = []struct {
	object  string
	actions []string
}{
	{"clients", []string{View, Edit}},
	{"people", []string{View, Edit}},
	{"profiles", []string{View}},
	{"imports", []string{View, Run}},
	{"feeds", []string{View, Edit, Upload}},
	{"facts", []string{View}},
	{"contacts", []string{View, Edit}},
	{"forecasts", []string{View, Edit, Publish, Upload, Unlock}},
	{"staffing", []string{View, Edit}},
	{"rosters", []string{View, Edit, Publish, Lock, Unlock}},
	{"simulations", []string{View, Run}},
	{"floor", []string{View, Edit}},
	{"desk", []string{View, Edit}},
	{"scorecards", []string{View}},
	{"rates", []string{View, Edit}},
	{"invoices", []string{View, Edit, Issue, Lock}},
	{"costs", []string{View}},
	{"users", []string{View, Edit}},
	{"audit", []string{View}},
	{"jobs", []string{View, Edit}},
	{"settings", []string{View, Edit}},
}

// Permissions lists every permission that exists.
func Permissions() []Permission {
	var out []Permission
	for _, c := range catalogue {
		for _, a := range c.actions {
			out = append(out, Permission{c.object, a})
		}
	}
	return out
}

// all lists the permissions on the objects; with actions, only those.
func all(objects []string, actions ...string) []Permission {
	var out []Permission
	for _, p := range Permissions() {
		if slices.Contains(objects, p.Object) && (len(actions) == 0 || slices.Contains(actions, p.Action)) {
			out = append(out, p)
		}
	}
	return out
}

// builtIn is a role that every installation begins with.
type builtIn struct {
	key, name   string
	permissions []Permission
}

// Keys of the roles that every installation begins with.
const (
	Admin      = "admin"
	Manager    = "manager"
	Planner    = "planner"
	TeamLeader = "team_leader"
	Finance    = "finance"
	ClientRole = "client"
	AgentRole  = "agent"
)

// builtIns lists the roles that every installation begins with; administrators
// may add others and change these.
func builtIns() []builtIn {
	return []builtIn{
		{Admin, "Administrator", Permissions()},
		{Manager, "Manager", slices.Concat(
			all([]string{"clients", "people", "imports", "feeds", "facts", "contacts", "forecasts", "staffing", "rosters", "simulations", "floor", "scorecards", "rates", "invoices", "costs", "jobs"}),
			all([]string{"profiles", "audit"}, View))},
		{Planner, "Planner", slices.Concat(
			all([]string{"clients", "people", "profiles", "feeds", "facts", "contacts", "floor", "scorecards", "jobs"}, View),
			all([]string{"imports", "staffing", "simulations"}), all([]string{"forecasts"}, View, Edit, Publish, Upload), all([]string{"rosters"}, View, Edit, Publish))},
		{TeamLeader, "Team leader", slices.Concat(
			all([]string{"clients", "people", "profiles", "facts", "contacts", "forecasts", "staffing", "rosters", "scorecards", "simulations", "jobs"}, View),
			all([]string{"floor"}))},
		{Finance, "Finance", slices.Concat(
			all([]string{"clients", "people", "facts", "contacts", "scorecards", "jobs", "costs"}, View),
			all([]string{"rates", "invoices"}))},
		{ClientRole, "Client", slices.Concat(all([]string{"clients", "facts", "contacts", "scorecards", "invoices"}, View), all([]string{"forecasts"}, View, Upload))},
		{AgentRole, "Agent", all([]string{"desk"})},
	}
}
