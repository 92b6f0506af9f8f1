package route_test

import (
	"fmt"
	"testing"

	"yitang/server/hall"
	"yitang/server/route"
)

// big is the largest hall: 26 fields, 200 windows with three fields each, 2,000 people waiting.
func big(b *testing.B) *day {
	b.Helper()
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	windows := make([]string, 200)
	for i := range windows {
		windows[i] = string([]byte{letters[i%26], letters[(i+7)%26], letters[(i+11)%26]})
	}
	d := ruled(b, hall.Calling{}, layout(letters, windows...))
	d.fill()
	return d
}

func (d *day) fill() {
	for i := range 2000 {
		fields := string(rune('A' + i%26))
		if i%10 == 0 { // one in ten has two matters
			fields += string(rune('A' + (i+7)%26))
		}
		d.come(fields, []hall.Priority{hall.Ordinary, hall.Ordinary, hall.ByAppointment, hall.Elderly}[i%4])
		d.at += 100
	}
}

func window(i int) hall.WindowID { return hall.WindowID(fmt.Sprint(i%200 + 1)) }

func BenchmarkNext(b *testing.B) {
	d := big(b)
	ids := make([]hall.WindowID, 200)
	for i := range ids {
		ids[i] = window(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if t, _ := (route.Rule{}).Next(d.s, ids[i%200], d.at); t == nil {
			b.Fatal("nobody waits")
		}
	}
}

// BenchmarkTakeNextFinish is one person's whole way through the rules: take, call, finish (with the implied start),
// while 2,000 wait. A day has 20,000 tickets.
func BenchmarkTakeNextFinish(b *testing.B) {
	benchmarkWay(b, func(*day) {})
}

// BenchmarkTakeNextFinishShown is the same with a view after each of the three, as when every command comes alone.
func BenchmarkTakeNextFinishShown(b *testing.B) {
	benchmarkWay(b, func(d *day) { d.s.View() })
}

func benchmarkWay(b *testing.B, after func(*day)) {
	d := big(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i > 0 && i%18000 == 0 {
			b.StopTimer()
			d = big(b)
			b.StartTimer()
		}
		w := window(i)
		d.take(string(rune('A' + i%26)))
		after(d)
		d.do(hall.CallNext{Window: w})
		after(d)
		d.do(hall.Finish{Window: w})
		after(d)
		d.at += 100
	}
}

func BenchmarkView(b *testing.B) {
	d := big(b)
	for i := range 2200 { // 1,000 screens, 50 kiosks, and their parts
		d.do(hall.ReportDevice{Device: fmt.Sprint("d", i), Part: "screen", State: "up"})
	}
	b.ReportAllocs()
	for b.Loop() {
		d.s.View()
	}
}

// BenchmarkCloseDay ends a day with 20,000 tickets of which 2,000 wait.
func BenchmarkCloseDay(b *testing.B) {
	d := big(b)
	for i := range 18000 {
		d.take(string(rune('A' + i%26)))
		d.do(hall.CallNext{Window: window(i)}, hall.Finish{Window: window(i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if events, err := hall.Decide(d.s, hall.CloseDay{}, d.at, hall.System); err != nil || len(events) < 2000 {
			b.Fatal(len(events), err)
		}
	}
}
