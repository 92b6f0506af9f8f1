package bench

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// cost is what a piece of load took.
type cost struct {
	wall, cpu float64 // seconds; cpu is the server's
	share     float64 // commands in a commit, on average
}

// costs asks the server's own figures before and after a piece of load.
func (l *load) costs(c *client, work func() error) (cost, error) {
	before, err := figures(c)
	if err != nil {
		return cost{}, err
	}
	begun := time.Now()
	if err := work(); err != nil {
		return cost{}, err
	}
	wall := time.Since(begun).Seconds()
	after, err := figures(c)
	if err != nil {
		return cost{}, err
	}
	k := cost{wall: wall, cpu: after[0] - before[0]}
	if commits := after[2] - before[2]; commits > 0 {
		k.share = (after[1] - before[1]) / commits
	}
	return k, nil
}

// figures are the server's seconds of CPU, the commands it has put on disk and the commits that it took.
func figures(c *client) (list [3]float64, err error) {
	text, err := c.do("GET", "/metrics", "", "", nil)
	if err != nil {
		return list, err
	}
	for i, name := range []string{"process_cpu_seconds_total", "yitang_commit_commands_sum", "yitang_commit_commands_count"} {
		_, rest, ok := bytes.Cut(text, []byte("\n"+name+" "))
		value, _, _ := bytes.Cut(rest, []byte("\n"))
		if list[i], err = strconv.ParseFloat(string(value), 64); err != nil || !ok {
			return list, fmt.Errorf("bench: /metrics has no %s", name)
		}
	}
	return list, nil
}
