package account

import "slices"

// Act is something that an administrator does about an account.
type Act string

// The acts. Opening and closing are the system administrator's, who can give nobody a right; all others are security's,
// who can open nothing. So no account that works comes of one person alone.
const (
	Close    Act = "close"
	Approve  Act = "approve"
	Rights   Act = "rights"
	Suspend  Act = "suspend"
	Restore  Act = "restore"
	Unlock   Act = "unlock"
	Password Act = "password"
)

// ActsFor lists what an administrator of a role may do with a person's account now. Nobody acts on an account of their
// own, except that its lock may be lifted.
func (a Account) ActsFor(by Role, own, locked bool) []Act {
	acts := []Act{}
	if !slices.Contains(People(), a.Role) || a.State == Closed {
		return acts
	}
	switch {
	case by == System && !own:
		acts = append(acts, Close)
	case by == Security && !own && a.State == Pending:
		acts = append(acts, Approve)
	case by == Security && !own && a.State == Suspended:
		acts = append(acts, Restore)
	case by == Security && !own:
		acts = append(acts, Rights, Password, Suspend)
	}
	if by == Security && locked {
		acts = append(acts, Unlock)
	}
	return acts
}

// Missing lists the administrators that a hall has none of: neither one at work nor one that waits for approval.
func Missing(all []Account) []Role {
	return slices.DeleteFunc(Administrators(), func(r Role) bool {
		return slices.ContainsFunc(all, func(a Account) bool { return a.Role == r && (a.Usable() || a.State == Pending) })
	})
}

// LastOf says whether no other usable account of an administrator's role would be left without this one.
func (a Account) LastOf(all []Account) bool {
	return a.Usable() && slices.Contains(Administrators(), a.Role) &&
		!slices.ContainsFunc(all, func(b Account) bool { return b.User != a.User && b.Role == a.Role && b.Usable() })
}
