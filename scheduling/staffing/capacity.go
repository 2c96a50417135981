package staffing

import (
	"math"

	"muster/tenants/fault"
)

// HiringClass is a group of people who start together.
type HiringClass struct {
	Name       string
	Start      int       // index of the month in which they start
	Size       int       // people
	Ramp       []float64 // productivity by month since the start, 0..1; afterwards 1. Leading zeros are training
	Attrition  []float64 // share that leaves in each month since the start; afterwards the month's rate
	CostToHire int64     // minor units per head, in the month of the start
	MonthlyPay int64     // minor units per head while the ramp lasts; 0 = the month's cost per head
}

// CapacityMonth is what one month asks for and costs.
type CapacityMonth struct {
	Name        string
	Required    float64     // seat hours needed (net: the sum of Net seats times interval hours)
	HoursPerFTE float64     // paid hours of one full-time agent
	Shrinkage   []Shrinkage // of this month, by type
	Attrition   float64     // share of trained agents who leave in the month
	CostPerHead int64       // minor units per head and month
}

// Proposal lets the plan open classes by itself where people are short.
type Proposal struct {
	Lead       int         // months before a class can start at the earliest, from the first month
	MinSize    int         // least people in a class
	MaxSize    int         // most people in a class; 0 = no limit
	Class      HiringClass // ramp, attrition and cost of a proposed class
	Tolerated  float64     // share of the required FTE that may stay open, 0 = none
	MaxClasses int         // most classes per month; 0 = 1
}

// CapacityInput is a capacity plan's question.
type CapacityInput struct {
	Months  []CapacityMonth
	Heads   float64 // trained full-time agents at the start
	Classes []HiringClass
	Propose *Proposal
}

// CapacityLine is the plan of one month.
type CapacityLine struct {
	Name        string
	Start       float64 // trained heads at the start of the month
	Leavers     float64 // trained and new people who leave in the month
	Joiners     int     // people who start in the month
	Heads       float64 // all on the payroll at the end of the month
	InRamp      float64 // of these, not yet fully productive
	Productive  float64 // full-time equivalents that take contacts, before shrinkage, mean of the month
	RequiredFTE float64 // full-time equivalents needed, before shrinkage
	Gap         float64 // Productive - RequiredFTE; below 0 people are short
	Shrinkage   float64 // total share
	CostOfHeads int64   // minor units
	CostToHire  int64   // minor units
}

// CapacityPlan is the answer: a line per month and the classes in it.
type CapacityPlan struct {
	Lines   []CapacityLine
	Classes []HiringClass // given and proposed, by start
	Cost    int64         // minor units
}

// PlanCapacity carries heads from month to month: people leave at the month's
// attrition (half of the leavers' month counts), classes join, learn along their
// ramp and leave at their own rates while they learn. RequiredFTE is
// Required / (HoursPerFTE * (1 - shrinkage)). With a Proposal, classes are added,
// earliest month first, so that no month is short if lead time and ramp allow.
func PlanCapacity(in CapacityInput) (CapacityPlan, error) {
	if err := in.validate(); err != nil {
		return CapacityPlan{}, err
	}
	classes := append([]HiringClass(nil), in.Classes...)
	plan, err := in.project(classes)
	if err != nil || in.Propose == nil {
		return plan, err
	}
	p := *in.Propose
	for month := range in.Months {
		for range max(1, p.MaxClasses) * (month + 1) { // every start month has room for its classes
			plan, err = in.project(classes)
			if err != nil {
				return plan, err
			}
			short := -plan.Lines[month].Gap - p.Tolerated*plan.Lines[month].RequiredFTE
			if short <= 1e-9 {
				break
			}
			class, ok := p.classFor(month, short, classes, in.Months)
			if !ok {
				break // too late to hire for this month
			}
			classes = append(classes, class)
		}
	}
	return in.project(classes)
}

// classFor opens the latest class that is fully effective in the month, or the
// earliest allowed if none can be.
func (p Proposal) classFor(month int, short float64, have []HiringClass, months []CapacityMonth) (HiringClass, bool) {
	best, power := -1, 0.0
	for start := month; start >= p.Lead; start-- {
		used := 0
		for _, c := range have {
			if c.Start == start {
				used++
			}
		}
		if used >= max(1, p.MaxClasses) {
			continue
		}
		trial := p.Class
		trial.Start, trial.Size = start, 1
		if _, productive, _, _ := trial.state(month, months); productive > power+0.05 {
			best, power = start, productive
		}
	}
	if best < 0 {
		return HiringClass{}, false
	}
	class := p.Class
	class.Start = best
	class.Size = max(Ceil(short/power), p.MinSize, 1)
	if p.MaxSize > 0 {
		class.Size = min(class.Size, p.MaxSize)
	}
	return class, true
}

// state follows a class to a month: people at its end, their mean productive
// full-time equivalents in it, those who left in it and whether they still learn.
func (c HiringClass) state(month int, months []CapacityMonth) (heads, productive, left float64, learning bool) {
	heads = float64(c.Size)
	for m := c.Start; m <= month; m++ {
		age := m - c.Start
		rate := months[m].Attrition
		if age < len(c.Attrition) {
			rate = c.Attrition[age]
		}
		ramp := 1.0
		if age < len(c.Ramp) {
			ramp = c.Ramp[age]
		}
		left = heads * rate
		productive = (heads - left/2) * ramp
		heads -= left
		learning = age < len(c.Ramp)
	}
	return heads, productive, left, learning
}

// project computes the lines for given classes.
func (in CapacityInput) project(classes []HiringClass) (CapacityPlan, error) {
	plan := CapacityPlan{Classes: classes}
	veterans := in.Heads
	trained := in.Heads
	for m, month := range in.Months {
		shrinkage, err := TotalShrinkage(month.Shrinkage)
		if err != nil {
			return plan, err
		}
		left := veterans * month.Attrition
		line := CapacityLine{
			Name: month.Name, Start: trained, Shrinkage: shrinkage, Leavers: left,
			Productive: veterans - left/2, RequiredFTE: month.Required / (month.HoursPerFTE * (1 - shrinkage)),
		}
		paid := float64(month.CostPerHead) * (veterans - left/2)
		veterans -= left
		line.Heads, trained = veterans, veterans
		for _, c := range classes {
			if c.Start > m {
				continue
			}
			heads, productive, gone, learning := c.state(m, in.Months)
			line.Heads += heads
			line.Productive += productive
			line.Leavers += gone
			pay := month.CostPerHead
			if learning {
				line.InRamp += heads
				if c.MonthlyPay > 0 {
					pay = c.MonthlyPay
				}
			} else {
				trained += heads
			}
			paid += float64(pay) * (heads + gone/2)
			if c.Start == m {
				line.Joiners += c.Size
				line.CostToHire += int64(c.Size) * c.CostToHire
			}
		}
		line.Gap = line.Productive - line.RequiredFTE
		line.CostOfHeads = int64(math.Round(paid))
		plan.Cost += line.CostOfHeads + line.CostToHire
		plan.Lines = append(plan.Lines, line)
	}
	return plan, nil
}

func (in CapacityInput) validate() error {
	bad := func(format string, args ...any) error {
		return fault.Newf(fault.Invalid, "staffing.bad_capacity", format, args...)
	}
	if !finite(in.Heads) || in.Heads < 0 {
		return bad("the heads at the start must not be below 0, not %v", in.Heads)
	}
	for _, m := range in.Months {
		if !finite(m.Required) || m.Required < 0 || !finite(m.HoursPerFTE) || m.HoursPerFTE <= 0 {
			return bad("month %s needs required hours not below 0 and hours per full-time agent above 0", m.Name)
		}
		if err := checkShare("attrition of "+m.Name, m.Attrition); err != nil {
			return err
		}
	}
	classes := in.Classes
	if in.Propose != nil {
		p := in.Propose
		if p.Lead < 0 || p.MinSize < 0 || p.MaxSize < 0 || p.MaxSize > 0 && p.MaxSize < p.MinSize || !(p.Tolerated >= 0) {
			return bad("the proposal's lead, sizes and open share must not be negative, and the largest class not below the least")
		}
		classes = append(append([]HiringClass(nil), classes...), p.Class)
	}
	for _, c := range classes {
		if c.Start < 0 || c.Size < 0 {
			return bad("class %s starts in month %d with %d people; neither may be negative", c.Name, c.Start, c.Size)
		}
		for _, r := range c.Ramp {
			if !(r >= 0 && r <= 1) {
				return bad("class %s: a ramp of %v is not between 0 and 1", c.Name, r)
			}
		}
		for _, a := range c.Attrition {
			if err := checkShare("attrition of class "+c.Name, a); err != nil {
				return err
			}
		}
	}
	return nil
}
