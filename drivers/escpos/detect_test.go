package escpos_test

import (
	"context"
	"errors"
	"testing"

	"yitang/drivers/escpos"
	"yitang/drivers/sim"
)

// A scale sends its weight for ever, and '2', '6', 'r', 'v' … are well-formed answers to DLE EOT.
func TestABabblingDeviceIsNoPrinter(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]*babbler{
		"always": {speaks: true}, "once it is asked": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := escpos.NewPrinter(line, escpos.ProfileFor(escpos.Generic80))
			if s, err := p.Detect(within(t, patience)); !errors.Is(err, escpos.ErrSpeaksUnasked) {
				t.Errorf("a scale is a printer: %+v, %v", s, err)
			}
		})
	}
}

func TestAPrinterIsDetected(t *testing.T) {
	t.Parallel()
	r := newRig(t, escpos.ProfileFor(escpos.Generic80), sim.PrinterOptions{})
	if err := r.sim.Inject(sim.Fault{Kind: sim.CoverOpen, On: true}); err != nil {
		t.Fatal(err)
	}
	if s, err := r.printer.Detect(within(t, patience)); err != nil || s.Reason() != escpos.CoverOpen {
		t.Errorf("%+v, %v", s, err)
	}
}

// babbler is a line with a device that says '2' without end, from the first question on or before it.
type babbler struct{ speaks bool }

func (b *babbler) Write(context.Context, []byte) error { b.speaks = true; return nil }
func (b *babbler) Discard()                            {}
func (b *babbler) Opens() uint64                       { return 1 }
func (b *babbler) Read(ctx context.Context, buf []byte) (int, error) {
	if !b.speaks {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	buf[0] = '2'
	return 1, nil
}
