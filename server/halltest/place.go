package halltest

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"yitang/server/hall"
)

// Host is an address of loopback that is this process's own: no connection to 127.0.0.1 has it as its other end, so that a
// port of it stays free while nobody listens there.
func Host() string {
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 1+pid>>16&0x7f, pid>>8&0xff, pid&0xff)
}

// ports counts up, so that no two tests side by side have one port, also while the server of one is down.
//
//nolint:gochecknoglobals // a process's ports are the process's
var ports atomic.Int32

// Address is where a server may listen, stop, and listen again.
func Address(t testing.TB) string {
	t.Helper()
	const first, tries = 20_000, 1000
	var err error
	for range tries {
		var ln net.Listener
		if ln, err = net.Listen("tcp", net.JoinHostPort(Host(), strconv.Itoa(first+int(ports.Add(1))))); err == nil {
			defer ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal(err)
	return ""
}

// turnsSoon is longer than any test lasts.
const turnsSoon = 30 * time.Minute

// Steady is a clock as the machine's whose business day does not turn during a test, whenever that runs: shortly before 04:00
// in Beijing, when a hall sends home whoever waits, it is an hour slow.
func Steady(now func() time.Time) func() time.Time {
	zone := time.FixedZone("Beijing", 8*3600)
	if at := now(); hall.BusinessDay(zone, at) == hall.BusinessDay(zone, at.Add(turnsSoon)) {
		return now
	}
	return func() time.Time { return now().Add(-time.Hour) }
}
