package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/wire"
)

func (a *API) leadLimitRoutes() []route {
	manager := []account.Role{account.Manager}
	return []route{
		{method: http.MethodGet, path: "/api/v1/leads/limits", summary: "From where on the rules of the supervision leads flag: value, default and bounds of each limit",
			roles: manager, out: wire.LeadLimits{}, params: asks{mayLang()}, status: 200, handle: func(c *fiber.Ctx) error {
				w, err := a.words(c)
				if err != nil {
					return err
				}
				return c.JSON(leadLimits(a.Hall.View().Layout, w))
			}},
		{method: http.MethodPost, path: "/api/v1/leads/limits", summary: "Change limits; those that are not named stay",
			detail: "Shares are 0 to 1. Refused with layout_changed when somebody else changed the hall's settings in between; a value out of its bounds is named.",
			roles:  manager, in: wire.LeadLimitsChange{}, out: wire.LeadLimits{}, params: asks{mayLang()}, status: 200, handle: a.changeLeadLimits},
	}
}

func leadLimits(l *hall.Layout, w *report.Words) wire.LeadLimits {
	now, usual := runonce.ThresholdsOf(l), runonce.DefaultThresholds()
	out := wire.LeadLimits{Base: l.Version, Limits: []wire.LeadLimit{}}
	for _, x := range runonce.AllLimits() {
		signal := ""
		if x.Signal != "" {
			signal = report.SignalText(x.Signal)
		}
		out.Limits = append(out.Limits, wire.LeadLimit{Name: x.Name, Signal: string(x.Signal), SignalText: w.Say(signal), Text: w.Say(report.LimitText(x.Name)),
			Unit: string(x.Unit), Value: x.Of(now), Default: x.Of(&usual), Min: x.Min, Max: x.Max})
	}
	return out
}

func (a *API) changeLeadLimits(c *fiber.Ctx) error {
	var in wire.LeadLimitsChange
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Base == "" {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "base：请给出修改所依据的布局版本。")
	}
	w, err := a.words(c)
	if err != nil {
		return err
	}
	next, err := withLimits(a.Hall.View().Layout, in.Values)
	if err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.AdoptLayout{Layout: *next, Base: in.Base},
		answer: func(s *hall.State, _ []hall.Event) any { return leadLimits(s.Layout(), w) }})
}

// withLimits is the layout with other limits; what is as usual does not stand in it.
func withLimits(l *hall.Layout, values map[string]float64) (*hall.Layout, error) {
	changed, err := runonce.ThresholdsOf(l).With(values)
	var bad *runonce.LimitError
	switch {
	case errors.As(err, &bad) && bad.Limit == nil:
		return nil, refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "values."+bad.Name+"：没有这项标准。")
	case errors.As(err, &bad):
		return nil, refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid),
			"values."+bad.Name+"（"+report.LimitText(bad.Name)+"）：请填"+report.LimitRange(bad.Limit)+"。")
	case err != nil:
		return nil, err
	}
	next, usual := *l, runonce.DefaultThresholds()
	next.Signals = map[string]float64{}
	for _, x := range runonce.AllLimits() {
		if v := x.Of(&changed); v != x.Of(&usual) {
			next.Signals[x.Name] = v
		}
	}
	if len(next.Signals) == 0 {
		next.Signals = nil
	}
	next.Version = next.Named()
	return &next, nil
}
