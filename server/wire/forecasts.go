package wire

import "time"

// ForecastReport says how good the waits were that tickets were told, and which fields will be too full.
type ForecastReport struct {
	Days     int             `json:"days"` // with judged tickets, at most 21
	Enough   bool            `json:"enough"`
	Needed   int             `json:"needed"` // past tickets before anybody is told anything
	Overall  ForecastGroup   `json:"overall"`
	Fields   []ForecastGroup `json:"fields"`
	Hours    []ForecastGroup `json:"hours"`    // by hour of the issue, "09"
	Foresees bool            `json:"foresees"` // a whole past day is known, so that alarms could be looked for
	Alarms   []ForecastAlarm `json:"alarms"`   // soonest first
	AlarmMin int             `json:"alarm_min"`
}

// ForecastGroup judges the forecasts of some tickets that waited. Errors are the median's; bias is forecast − wait.
type ForecastGroup struct {
	Name     string             `json:"name"`
	N        int                `json:"n"`
	MAEMin   float64            `json:"mae_min"`
	BiasMin  float64            `json:"bias_min"`
	WaitMin  float64            `json:"wait_mean_min"`
	Coverage []ForecastCoverage `json:"coverage"`
}

// ForecastCoverage is the share of waits at or under a quantile, with its 95 % interval.
type ForecastCoverage struct {
	Level float64 `json:"level"` // 0.5, 0.8 or 0.9
	Share float64 `json:"share"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// ForecastAlarm says that of the ordinary people who come for a field from a time on half are expected to wait longer than wait_min,
// which is over alarm_min: the median, as wait.p50_min is.
type ForecastAlarm struct {
	Field   string     `json:"field"`
	Name    Text       `json:"name"`
	From    time.Time  `json:"from"`
	WaitMin int        `json:"wait_min"`
	Cause   string     `json:"cause"`          // unopened, all_open, or break: they come within one, or would not wait so long without it
	Back    *time.Time `json:"back,omitempty"` // when that break ends
}
