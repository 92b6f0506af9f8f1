// Package standby keeps a second server (备用服务器) ready: it follows the journal of the primary (主服务器) event by event,
// checks the chain as it goes, shows the hall read-only, and takes over when a person says so.
//
// What is guaranteed. A planned switch loses nothing: the primary takes no more commands, and the standby takes over only
// with its last event and last answer on disk. After a crash the standby has all but what the primary acknowledged in the
// last round trip between the two; `make standby-loss` measures that. An old primary does not become a second one: it
// remembers who follows it and, at its start, opens only when each of them has said that it did not take over, or a
// person says so (--alone); one that still runs is told by the new primary for as long as it does not know; and a client that
// has seen the new epoch does not believe the old one. What cannot be ruled out without a third machine: while the old
// primary still runs and nobody can reach it but some clients that have not seen the new one, these get numbers from it. They
// stand in its journal, and its folder is refused as a standby until a person has put it away.
//
// Follower.Run and Primary.Chase run in the goroutines of their callers.
package standby
