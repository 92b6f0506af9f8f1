package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"

	"yitang/server/hall"
	"yitang/server/wire"
)

// Bookings finds appointments that are on disk.
type Bookings interface {
	AppointmentByTrack(ctx context.Context, track string) (*hall.Appointment, error)
	AppointmentsOn(ctx context.Context, day hall.Day) ([]*hall.Appointment, error)
}

// codesDrawn is how many codes an appointment may choose from: with 10,000 open ones all of them are taken once in 10^32.
const codesDrawn = 8

// drawCodes draws codes of eight digits: short enough to say, and at a kiosk nobody can try many.
func drawCodes() []string {
	out := make([]string, codesDrawn)
	for i := range out {
		n, err := rand.Int(rand.Reader, big.NewInt(90_000_000))
		if err != nil {
			panic("api: no random numbers: " + err.Error()) // the system's source never fails
		}
		out[i] = fmt.Sprint(10_000_000 + n.Int64())
	}
	return out
}

func count(n *wire.AppointmentTotals, k *hall.Appointment) {
	switch k.State {
	case hall.Booked:
		n.Booked++
	case hall.Arrived:
		n.Arrived++
		if k.Late {
			n.Late++
		}
	case hall.Missed:
		n.Missed++
	case hall.CalledOff:
		n.Cancelled++
	}
}

// bookingPlan are the settings as the manager sees them.
func bookingPlan(b *hall.Booking) wire.BookingPlan {
	out := wire.BookingPlan{DaysAhead: b.DaysAhead, EarlyMin: int(b.Early() / minuteMS), LateMin: int(b.Late() / minuteMS), OpenMax: b.Open(),
		MissedMax: b.MissedMax, MissedDays: b.Missed(), Usual: places(b.Usual), Days: []wire.DayPlaces{}, Matters: []wire.MatterPlaces{}}
	for _, d := range b.Days {
		out.Days = append(out.Days, wire.DayPlaces{Day: string(d.Day), Closed: d.Closed, Places: places(d.Places)})
	}
	for _, m := range b.Matters {
		out.Matters = append(out.Matters, wire.MatterPlaces{Matter: string(m.Matter), People: m.People})
	}
	return out
}

func places(list []hall.Places) []wire.Places {
	out := []wire.Places{}
	for _, p := range list {
		out = append(out, wire.Places{Field: string(p.Field), From: p.From, People: p.People})
	}
	return out
}

func hallPlaces(list []wire.Places) []hall.Places {
	var out []hall.Places
	for _, p := range list {
		out = append(out, hall.Places{Field: hall.FieldID(p.Field), From: p.From, People: p.People})
	}
	return out
}

// hallBooking are the settings of a request.
func hallBooking(in *wire.BookingPlan) hall.Booking {
	b := hall.Booking{DaysAhead: in.DaysAhead, EarlyMin: in.EarlyMin, LateMin: in.LateMin, OpenMax: in.OpenMax, MissedMax: in.MissedMax,
		MissedDays: in.MissedDays, Usual: hallPlaces(in.Usual)}
	for _, d := range in.Days {
		b.Days = append(b.Days, hall.DayPlaces{Day: hall.Day(d.Day), Closed: d.Closed, Places: hallPlaces(d.Places)})
	}
	for _, m := range in.Matters {
		b.Matters = append(b.Matters, hall.MatterPlaces{Matter: hall.MatterCode(m.Matter), People: m.People})
	}
	return b
}
