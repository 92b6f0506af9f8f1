package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ticksPerSecond is the kernel's USER_HZ, 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// cpu is the processor time that this process and its database have used.
type cpu struct{ own, postgres time.Duration }

func (s *site) cpu() cpu {
	var c cpu
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		c.own = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	if s.pg == nil {
		return c
	}
	pid := s.pg.PID()
	c.postgres = ticks(pid, 4) // with those of its processes that have ended
	for _, child := range children(pid) {
		c.postgres += ticks(child, 2)
	}
	return c
}

// children are the processes whose parent is pid.
func children(pid int) []int {
	var list []int
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range found {
		if fields := stat(f); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			list = append(list, child)
		}
	}
	return list
}

// ticks adds up the first n of utime, stime, cutime, cstime (proc_pid_stat(5), fields 14 to 17).
func ticks(pid, n int) time.Duration {
	fields := stat(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if len(fields) < 15 {
		return 0
	}
	var sum int64
	for _, f := range fields[11 : 11+n] {
		v, _ := strconv.ParseInt(f, 10, 64)
		sum += v
	}
	return time.Duration(sum) * time.Second / ticksPerSecond
}

// stat are the fields after the command's name, which may hold spaces: state, ppid, …
func stat(file string) []string {
	data, err := os.ReadFile(file) // #nosec G304 -- a number out of /proc
	if err != nil {
		return nil
	}
	text := string(data)
	return strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
}

// sayCPU prints what was used since before, for so many events.
func (s *site) sayCPU(before cpu, events int64) {
	now := s.cpu()
	per := func(d time.Duration) float64 { return seconds(d * 100_000 / time.Duration(max(events, 1))) }
	say("own_cpu_s_per_100000_events", per(now.own-before.own))
	say("postgresql_cpu_s_per_100000_events", per(now.postgres-before.postgres))
}
