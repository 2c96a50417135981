package ids

// The entities. Each is an empty type that only distinguishes ids.
type (
	anyEntity         struct{}
	agentEntity       struct{}
	apiTokenEntity    struct{}
	auditEntity       struct{}
	calendarEntity    struct{}
	clientEntity      struct{}
	contactEntity     struct{}
	customerEntity    struct{}
	eventEntity       struct{}
	fileEntity        struct{}
	forecastEntity    struct{}
	importEntity      struct{}
	invoiceEntity     struct{}
	invoiceLineEntity struct{}
	jobEntity         struct{}
	legalEntity       struct{}
	lobEntity         struct{}
	mappingEntity     struct{}
	measureEntity     struct{}
	periodEntity      struct{}
	poolEntity        struct{}
	queueEntity       struct{}
	rateCardEntity    struct{}
	rateRuleEntity    struct{}
	roleEntity        struct{}
	rosterEntity      struct{}
	domainEntity      struct{}
	segmentEntity     struct{}
	shiftEntity       struct{}
	simulationEntity  struct{}
	siteEntity        struct{}
	skillEntity       struct{}
	staffingEntity    struct{}
	stateEntity       struct{}
	teamEntity        struct{}
	userEntity        struct{}
	commitmentEntity  struct{}
	scenarioEntity    struct{}
	proposalEntity    struct{}
	capacityEntity    struct{}
	longRangeEntity   struct{}
	tierStudyEntity   struct{}
)

// The id types, one per entity.
type (
	Any         = ID[anyEntity] // a reference whose kind another column tells
	Agent       = ID[agentEntity]
	APIToken    = ID[apiTokenEntity]
	Audit       = ID[auditEntity]
	Calendar    = ID[calendarEntity]
	Client      = ID[clientEntity]
	Contact     = ID[contactEntity]
	Customer    = ID[customerEntity]
	Event       = ID[eventEntity]
	File        = ID[fileEntity]
	Forecast    = ID[forecastEntity]
	Import      = ID[importEntity]
	Invoice     = ID[invoiceEntity]
	InvoiceLine = ID[invoiceLineEntity]
	Job         = ID[jobEntity]
	LegalEntity = ID[legalEntity]
	LOB         = ID[lobEntity]
	Mapping     = ID[mappingEntity]
	Measure     = ID[measureEntity]
	Period      = ID[periodEntity]
	Pool        = ID[poolEntity]
	Queue       = ID[queueEntity]
	RateCard    = ID[rateCardEntity]
	RateRule    = ID[rateRuleEntity]
	Role        = ID[roleEntity]
	Roster      = ID[rosterEntity]
	Domain      = ID[domainEntity] // a routing domain
	Segment     = ID[segmentEntity]
	Shift       = ID[shiftEntity]
	Simulation  = ID[simulationEntity]
	Site        = ID[siteEntity]
	Skill       = ID[skillEntity]
	Staffing    = ID[staffingEntity]
	State       = ID[stateEntity] // one agent state record
	Team        = ID[teamEntity]
	User        = ID[userEntity]
	Commitment  = ID[commitmentEntity]
	Scenario    = ID[scenarioEntity]
	DayProposal = ID[proposalEntity]
	Capacity    = ID[capacityEntity]  // a capacity plan
	LongRange   = ID[longRangeEntity] // a long-range forecast
	TierStudy   = ID[tierStudyEntity]
)
