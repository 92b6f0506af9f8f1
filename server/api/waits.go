package api

import (
	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/wire"
)

// outlook is the newest outlook, or nil.
func (a *API) outlook() *forecast.Outlook {
	if a.Waits == nil {
		return nil
	}
	return a.Waits.Outlook()
}

// told is the forecast that a ticket about to be issued is given, by its first matter; nil when there is none.
func (a *API) told(c *hall.Take) *hall.Told {
	o := a.outlook()
	if o == nil || len(c.Matters) == 0 {
		return nil
	}
	l := a.Hall.View().Layout
	for i := range l.Matters {
		m := &l.Matters[i]
		if m.Code == c.Matters[0] {
			return o.Arriving(forecast.Kind{Field: m.Field, Act: m.Act(c.Deliver), Class: c.Priority.Class()})
		}
	}
	return nil
}

// waitOf is what a waiting ticket is shown now; nil when there is nothing honest to say.
func (p presenter) waitOf(t *hall.Ticket) *wire.Wait {
	return spoken(p.waits().Ticket(t, hall.Millis(p.now().UnixMilli())))
}

// waitFor is what somebody who comes for a field now is shown.
func (p presenter) waitFor(f hall.FieldID) *wire.Wait {
	return spoken(p.waits().Field(f, hall.Millis(p.now().UnixMilli())))
}

func spoken(s forecast.Spoken, ok bool) *wire.Wait {
	if !ok {
		return nil
	}
	return &wire.Wait{P50Min: s.P50Min, P90Min: s.P90Min}
}
