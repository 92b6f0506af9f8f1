package halltest

import (
	"fmt"
	"net"
	"os"
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

// Address is where a server may listen, stop, and listen again.
func Address(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", net.JoinHostPort(Host(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
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
