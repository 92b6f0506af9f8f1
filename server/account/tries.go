package account

import "time"

// A login that fails too often is locked: an account after 5 failures, and a source (an address of the network) after 20,
// over whatever accounts they were.
const (
	AccountFailures = 5
	SourceFailures  = 20
	LockFor         = 15 * time.Minute
)

// Tries are the failed logins of an account or from a source.
type Tries struct {
	Failures int
	Last     time.Time // failure
	Until    time.Time // locked; zero when not
}

// Locked is how long no login is tried any more, 0 when one may be.
func (t Tries) Locked(now time.Time) time.Duration { return max(0, t.Until.Sub(now)) }

// Failed counts one more failure; the limit-th in a row locks. Failures longer ago than LockFor are forgotten.
func (t Tries) Failed(now time.Time, limit int) Tries {
	if now.Sub(t.Last) > LockFor {
		t.Failures = 0
	}
	t.Failures++
	t.Last = now
	if t.Failures >= limit {
		t.Failures, t.Until = 0, now.Add(LockFor)
	}
	return t
}

// Idle is how long a session of the role may do nothing; 0 for devices, whose tokens last.
func (r Role) Idle() time.Duration {
	switch r {
	case Clerk, Guide, Department:
		return 30 * time.Minute
	case Manager, System, Security, Audit:
		return 15 * time.Minute
	}
	return 0
}
