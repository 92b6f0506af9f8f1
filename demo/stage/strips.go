package stage

import (
	"fmt"

	"yitang/display"
	"yitang/drivers/led"
	"yitang/drivers/sim"
)

// stripWindows is how many windows of the demo have an LED strip, on one RS-485 line.
const stripWindows = 8

// strips are the simulated LED strips.
type strips struct {
	line *sim.Segment
	plan *display.Strips
}

// strips puts strips of two makers over the first windows. The caller closes the line.
func (s *stage) strips() (*strips, error) {
	line, err := sim.NewSegment(sim.SegmentConfig{})
	if err != nil {
		return nil, fmt.Errorf("demo: strips: %w", err)
	}
	plan := display.StripLine{Path: line.Path()}
	for i, w := range s.hall.layout.Windows[:min(stripWindows, len(s.hall.layout.Windows))] {
		kind := []sim.StripKind{sim.StripLihe, sim.StripZhongyi}[i%2]
		address := led.Address(i + 1)
		if _, err := line.Strip(sim.StripConfig{Address: byte(address), Kind: kind}); err != nil {
			return nil, fmt.Errorf("demo: strips: %w", err)
		}
		plan.Strips = append(plan.Strips, display.Strip{Window: string(w.ID), Address: address, Protocol: string(kind)})
	}
	return &strips{line: line, plan: &display.Strips{Lines: []display.StripLine{plan}}}, nil
}
