package stage

import (
	"context"
	"math/rand/v2"
	"time"

	"yitang/drivers/sim"
)

// How often something breaks in the demo, and how long until somebody mends it. The hall's time.
const (
	faultEvery = 12 * time.Minute
	faultLasts = 9 * time.Minute
	faultReal  = 4 * time.Second // real time at least, so that it can be seen at any speed
)

// trouble is one way in which a device of a stand can fail.
type trouble struct {
	device func(*stand) sim.Device
	fault  sim.Fault
}

func printerOf(s *stand) sim.Device { return s.printer }
func readerOf(s *stand) sim.Device  { return s.reader }

// troubles are what happens to devices in a real hall, the frequent ones more than once.
func troubles() []trouble {
	noise := []byte{0x00, 0xFF, 0xAA, 0x96, 0x1B, 0x10}
	return []trouble{
		{printerOf, sim.Fault{Kind: sim.PaperLow, On: true}}, {printerOf, sim.Fault{Kind: sim.PaperLow, On: true}},
		{printerOf, sim.Fault{Kind: sim.PaperOut, On: true}}, {printerOf, sim.Fault{Kind: sim.PaperOut, On: true}},
		{printerOf, sim.Fault{Kind: sim.CoverOpen, On: true}}, {printerOf, sim.Fault{Kind: sim.CutterError, On: true}},
		{printerOf, sim.Fault{Kind: sim.HeadHot, On: true}}, {printerOf, sim.Fault{Kind: sim.Silence, On: true}},
		{printerOf, sim.Fault{Kind: sim.StopDraining, On: true}}, {printerOf, sim.Fault{Kind: sim.Unplug, On: true}},
		{readerOf, sim.Fault{Kind: sim.Silence, On: true}}, {readerOf, sim.Fault{Kind: sim.Unplug, On: true}},
		{readerOf, sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: noise}},
		{readerOf, sim.Fault{Kind: sim.NoiseInside, On: true, Bytes: noise}},
		{readerOf, sim.Fault{Kind: sim.WrongChecksum, On: true}},
	}
}

// breakThings lets one device after the other fail and be mended again until ctx ends.
func (s *stage) breakThings(ctx context.Context, stands []*stand, rng *rand.Rand) {
	list := troubles()
	for ctx.Err() == nil {
		if s.pause(ctx, faultEvery) != nil {
			return
		}
		k, t := stands[rng.IntN(len(stands))], list[rng.IntN(len(list))]
		s.Log.Info().Str("kiosk", k.name).Str("fault", string(t.fault.Kind)).Msg("demo: a device fails")
		if err := t.device(k).Inject(t.fault); err != nil {
			s.Log.Warn().Err(err).Msg("demo")
			continue
		}
		_ = s.pause(ctx, faultLasts) // ended early, it is mended all the same
		s.mend(k, t)
	}
}

func (s *stage) mend(k *stand, t trouble) {
	fault := t.fault
	fault.On = false
	if fault.Kind == sim.Unplug {
		fault = sim.Fault{Kind: sim.Replug, On: true}
	}
	if err := t.device(k).Inject(fault); err != nil {
		s.Log.Warn().Err(err).Msg("demo")
	}
	k.printer.Heal()
	s.Log.Info().Str("kiosk", k.name).Str("fault", string(t.fault.Kind)).Msg("demo: the device is mended")
}

// pause waits for a while of the hall's time, and not less than faultReal.
func (s *stage) pause(ctx context.Context, d time.Duration) error {
	return s.clock.Sleep(ctx, max(d, time.Duration(float64(faultReal)*s.Speed)))
}
