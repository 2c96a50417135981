package forecast

import "fmt"

// Note is one reason for people: a stable code with what it is about, which screens put into the reader's language, and the
// same in English. Params hold texts, whole and broken numbers, dates as 2006-01-02 and lists of weekdays (0 = Sunday).
type Note struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	Text   string         `json:"text"` // one English sentence
}

// say makes a note; figures that do not exist are left out.
func say(code string, params map[string]any, format string, args ...any) Note {
	for k, v := range params {
		if f, ok := v.(float64); ok && number(f) == nil {
			delete(params, k)
		}
	}
	return Note{Code: code, Params: params, Text: fmt.Sprintf(format, args...)}
}

// texts gives the English of notes.
func texts(notes []Note) []string {
	var out []string
	for _, n := range notes {
		out = append(out, n.Text)
	}
	return out
}

// Codes of notes. Those of corrections are their kinds, but for the ones told apart here.
const (
	noteOpened    = "opened"
	noteClosed    = "closed"
	noteFeastShut = "feast_closed"

	choiceShort    = "short_history"
	choiceSilent   = "no_contacts"
	choiceBlend    = "no_single_better"
	choiceSingle   = "surely_better"
	choiceLeast    = "least_error"
	noteNoHistory  = "no_history"
	noteSilent     = "silent"
	noteHistory    = "history"
	noteChoice     = "choice"
	noteToday      = "today"
	noteEffect     = "effect"
	noteCorrected  = "corrections"
	noteByAnalogue = "newcomer_analogue"
	noteByGroup    = "newcomer_group"
	noteByHours    = "newcomer_hours"
)
