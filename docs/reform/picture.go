package main

import (
	"fmt"
	"io"

	"yitang/server/whatif"
)

// The picture's measures, in pixels.
const (
	width   = 880
	left    = 90
	right   = 90
	rowGap  = 16
	bar     = 14
	top     = 84
	caption = 28
)

// draw makes bars of the mean waits by field, labelled directly.
func (c *comparison) draw(w io.Writer) {
	most := 0.0
	for i := range c.real.Fields {
		most = max(most, c.real.Fields[i].WaitMean, c.before.Fields[i].WaitMean, c.after.Fields[i].WaitMean)
	}
	scale := (width - left - right) / most
	row := 3*bar + rowGap
	height := top + (len(c.real.Fields)+1)*row + caption
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" fill="#1b2733">`+"\n", width, height)
	fmt.Fprintf(w, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(w, `<text x="20" y="30" font-size="18" font-weight="600">Mean wait by field, minutes: %d real days, %d tickets</text>`+"\n", c.days, c.real.Overall.N)
	fmt.Fprintf(w, `<text x="20" y="54"><tspan fill="#7a8794">■ as it really was</tspan>  <tspan dx="14" fill="#c26a12">■ before, simulated: a window for each queue</tspan>  <tspan dx="14" fill="#1f5fa8">■ after: fields and general windows</tspan></text>`+"\n")
	rows := append([]whatif.Group{c.real.Overall}, c.real.Fields...)
	for i, real := range rows {
		before, after, name := c.before.Overall, c.after.Overall, "all"
		if i > 0 {
			before, after, name = c.before.Fields[i-1], c.after.Fields[i-1], "field "+real.Name
		}
		y := top + i*row
		fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end" font-weight="600">%s</text>`+"\n", left-12, y+2*bar-2, name)
		for j, b := range []struct {
			wait  float64
			color string
		}{{real.WaitMean, "#b6c0ca"}, {before.WaitMean, "#e08a2e"}, {after.WaitMean, "#1f5fa8"}} {
			fmt.Fprintf(w, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, left, y+j*bar, b.wait*scale, bar-2, b.color)
			fmt.Fprintf(w, `<text x="%.1f" y="%d" font-size="11">%.1f</text>`+"\n", left+b.wait*scale+6, y+j*bar+bar-4, b.wait)
		}
	}
	fmt.Fprintf(w, `<text x="20" y="%d" fill="#5a6875" font-size="12">The same people, windows and staff. Paired by day: %+.1f min [%.1f, %.1f].</text>`+"\n</svg>\n",
		height-10, c.wait.Mean, *c.wait.Lo, *c.wait.Hi)
}
