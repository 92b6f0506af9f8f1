package city_test

import (
	"testing"
	"testing/synctest"
	"time"

	"yitang/city"
)

// The end waits for the answers that are being made, and makes no more.
func TestTheEndWaitsForAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u city.UnderWay
		answered, late := false, false
		u.Start(func() { time.Sleep(3 * time.Second); answered = true })
		u.End()
		if !answered {
			t.Error("an answer was still being made at the end")
		}
		u.Start(func() { late = true })
		synctest.Wait()
		if late {
			t.Error("an answer was begun after the end")
		}
	})
}
