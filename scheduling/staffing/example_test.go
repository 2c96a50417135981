package staffing_test

import (
	"fmt"

	"muster/scheduling/staffing"
)

// Two half hours of a voice queue; the lunch peak needs more seats than the morning.
func ExampleRequire() {
	seats, err := staffing.Require(staffing.Input{
		Name:     "bank voice",
		Interval: 1800,
		Demands: []staffing.Demand{
			{Volume: 100, AHT: 180, Patience: 300},
			{Volume: 180, AHT: 180, Patience: 300},
		},
		Goals:     staffing.Goals{ServiceLevel: 0.8, Threshold: 20, MaxOccupancy: 0.85},
		Shrinkage: []staffing.Shrinkage{{Type: "leave", Rate: 0.2}, {Type: "breaks", Rate: 0.125, Basis: staffing.OfRemaining}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range seats {
		fmt.Printf("%d seats, %d rostered (%s): service level %.0f %%, hang-ups %.1f %%\n", r.Net, r.Gross, r.Binding, 100*r.ServiceLevel, 100*r.Abandonment)
	}
	// Output:
	// 13 seats, 19 rostered (service_level): service level 86 %, hang-ups 2.5 %
	// 21 seats, 30 rostered (service_level): service level 83 %, hang-ups 2.8 %
}

// What one agent more or less is worth.
func ExampleCurve_ServiceLevels() {
	curve, err := staffing.NewCurve(staffing.Load{Contacts: 100, Interval: 1800, AHT: 180})
	if err != nil {
		fmt.Println(err)
		return
	}
	for agents, level := range curve.ServiceLevels(14, staffing.AnsweredOverOffered, 20) {
		if agents >= 11 {
			fmt.Printf("%d agents: %.3f\n", agents, level)
		}
	}
	// Output:
	// 11 agents: 0.390
	// 12 agents: 0.640
	// 13 agents: 0.796
	// 14 agents: 0.888
}
