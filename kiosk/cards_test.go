package kiosk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"yitang/kiosk"
)

func TestANumberIsForgottenAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := kiosk.NewCards()
		ref := c.Keep(number)
		time.Sleep(kiosk.CardTime - time.Second)
		if got, ok := c.Number(ref); !ok || got != number {
			t.Errorf("before its time: %q %v", got, ok)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if _, ok := c.Number(ref); ok || c.Held() != 0 {
			t.Error("after its time the number is still there")
		}
	})
}

func TestFewNumbersAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := kiosk.NewCards()
		first := c.Keep(number)
		for range 10 {
			c.Keep(number)
		}
		if _, ok := c.Number(first); ok || c.Held() > 4 {
			t.Errorf("%d numbers are held", c.Held())
		}
		c.Close()
		if c.Held() != 0 {
			t.Error("numbers outlive the kiosk")
		}
	})
}

func TestMasks(t *testing.T) {
	for in, want := range map[string]string{"张三": "张*", "张三丰": "张**", "欧阳娜娜": "欧阳**", "司马迁": "司马*", "欧阳": "欧*", "𠮷田": "𠮷*",
		"阿卜杜·买买提江": "阿**·买***", "阿卜杜•买买提": "阿**•买**", "SMITH, JOHN": "S****, J***", "": "", "王": "王"} {
		if got := kiosk.MaskName(in); got != want {
			t.Errorf("name %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{number: "110***********002X", "ABC123456789012": "ABC********9012", "H12345678": "*********", "": ""} {
		if got := kiosk.MaskNumber(in); got != want {
			t.Errorf("number %q: %q, want %q", in, got, want)
		}
	}
}
