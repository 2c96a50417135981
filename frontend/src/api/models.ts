import type { components } from "./schema";

/**
 * The values that pages work with. Ids and decimals are strings, instants are
 * RFC 3339 in UTC, shares are never sent: a ratio travels as its two counts.
 */

type Schemas = components["schemas"];

/** A right: `action` on `object` within `domain` ("provider", "self", "client:<id>", …). */
export type Right = Schemas["Right"];
export type Permission = Schemas["Permission"];
export type Session = Schemas["SignedIn"];
export type Client = Schemas["Client"];
export type Person = Schemas["Person"];
export type Role = Schemas["RoleView"];
export type Account = Schemas["Account"];
export type Job = Schemas["JobView"];

export type Queue = Schemas["Queue"];
export type Forecast = Schemas["Forecast"];
export type Adjustment = Schemas["Adjustment"];
export type AdjustmentInput = Omit<Schemas["AdjustmentInput"], "$schema">;
export type FileDifference = Schemas["FileDifference"];
export type FileDay = Schemas["FileDay"];
export type LockCheck = Schemas["LockCheck"];
export type Breach = Schemas["Breach"];
export type ForecastCommitment = Schemas["ForecastCommitment"];
export type CommitmentRow = Schemas["CommitmentRow"];
export type ForecastComparison = Schemas["ForecastComparison"];
export type ComparedWeek = Schemas["ComparedWeek"];
export type CommitmentTerms = Schemas["CommitmentTerms"];
export type LockStage = Schemas["LockStage"];
export type Scenario = Schemas["Scenario"];
export type WhatIf = Schemas["WhatIf"];
export type WhatIfFigures = Schemas["WhatIfFigures"];
export type QueueExplain = Schemas["QueueExplain"];
export type Correction = Schemas["Correction"];
export type UploadCheck = Schemas["UploadCheck"];
export type TermsPreview = Schemas["TermsPreview"];
export type TermsMonth = Schemas["TermsMonth"];
export type LongForecast = Schemas["LongForecast"];
export type LongTable = Schemas["LongTable"];
export type LongRow = Schemas["LongRow"];
export type Plan = Schemas["Plan"];
export type PlanPoint = Schemas["PlanPoint"];
export type QueueSetting = Schemas["QueueSetting"];
export type CalendarView = Schemas["CalendarView"];
export type OpenHours = Schemas["Hours"];
export type SpecialDay = Schemas["SpecialDay"];
export type CalendarPreset = Schemas["PresetView"];
export type CalendarEvent = Schemas["CalendarEvent"];
export type DayChange = Schemas["DayChange"];
export type DayProposal = Schemas["DayProposal"];
export type LeadAccuracy = Schemas["LeadAccuracy"];
export type CapacityPlan = Schemas["CapacityPlan"];
export type CapacityQuestion = Schemas["CapacityQuestion"];
export type CapacityAnswer = Schemas["CapacityAnswer"];
export type CapacityLine = Schemas["CapacityLine"];
export type HiringClass = Schemas["HiringClass"];
export type LevelRow = Schemas["LevelRow"];
export type TierAnswer = Schemas["TierAnswer"];
export type TierSeats = Schemas["TierSeats"];
export type TierOutcome = Schemas["TierOutcome"];
export type Drift = Schemas["Drift"];
export type BacktestRow = Schemas["BacktestRow"];
export type Series = Omit<Schemas["Series"], "points"> & { points: SeriesPoint[] };
export type DayRange = Schemas["DayRange"];
export type SeriesPoint = Schemas["SeriesPoint"];
export type Roster = Schemas["Roster"];
export type BoardView = Schemas["BoardView"];
export type BoardStrip = Schemas["BoardStrip"];
export type BoardTemplate = Schemas["BoardTemplate"];
export type BoardHole = Schemas["BoardHole"];
export type Standing = Schemas["Standing"];
export type RosterChange = Schemas["RosterChange"];
export type RosterShift = Schemas["Shift"];
export type RosterRules = Schemas["RosterRules"];
export type RosterPay = Schemas["RosterPay"];
export type LabourLaw = Schemas["LabourLaw"];
export type Publication = Schemas["Publication"];
export type RosterEdit = Schemas["EditInput"];
export type CellEdit = Schemas["CellInput"];
export type Candidate = Schemas["Candidate"];
export type Simulation = Schemas["Simulation"];
export type SimulationSeries = Schemas["SimulationSeries"];
export type DayAnswer = Schemas["DayAnswer"];
export type DayOption = Schemas["DayOption"];
export type DayEffect = Schemas["DayEffect"];
export type ImportSheet = Schemas["Sheet"];
export type AuditEntry = Schemas["AuditView"];
export type Measure = Schemas["MeasureView"];
export type Scorecard = Schemas["ScorecardView"];
export type Accuracy = Schemas["Accuracy"];
export type Bucket = Schemas["Bucket"];
export type Invoice = Schemas["InvoiceView"];
export type InvoiceLine = Schemas["Line"];
export type ImportRun = Schemas["Import"];
export type ImportIssue = Schemas["StoredIssue"];
export type ImportPreview = Schemas["Proposed"];
export type ImportMapping = Schemas["Mapping"];
export type Floor = Schemas["FloorView"];
export type FloorQueue = Schemas["FloorQueue"];
export type FloorAgent = Schemas["FloorAgent"];
export type FloorPool = Schemas["FloorPool"];
export type FloorAlert = Schemas["FloorAlert"];
export type FloorAction = Schemas["ActionBody"];
export type FloorEntry = Schemas["FloorEntry"];
export type FloorEffect = Schemas["FloorEffect"];
export type FloorCost = Schemas["FloorCost"];
export type Desk = Schemas["DeskView"];
export type ParkedContact = Schemas["ParkedContact"];
export type AssignmentReason = Schemas["AssignmentReason"];
export type DeskContact = Schemas["DeskContact"];
export type MyShift = Schemas["OwnShift"];
export type MyActivity = Schemas["OwnActivity"];

/** The four words of every judgement on the screens. */
export type Status = "good" | "watch" | "bad" | "unknown";

/** An agent as the board shows one. */
export interface RosterAgent {
  id: string;
  label: string;
  name: string;
  team?: string;
  tier?: string;
}

export interface Activity {
  kind: string;
  client_id?: string;
  queue_id?: string;
  start: string;
  end: string;
}

/** A broken rule and why. */
export interface Violation {
  rule: string;
  reason: string;
  code: string;
  values?: string[] | null;
  hard: boolean;
  /** Whose rule it is: law, contract, client or person. */
  owner?: string;
}

/** A shift as the board shows one. */
export interface Shift {
  id: string;
  agent_id: string;
  business_date: string;
  start: string;
  end: string;
  activities: Activity[];
  violations?: Violation[];
  /** The shift type's id. */
  template?: string;
  /** Set by hand. */
  pinned?: boolean;
}
