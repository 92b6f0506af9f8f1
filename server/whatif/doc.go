// Package whatif runs the hall on simulated time: with drawn customers (Simulate), with the people of real days under
// another layout, staffing or policy (Replay), and to find a better layout (Plan).
//
// It is no second model: waiting people stand on a hall.Floor, and route chooses, exactly as in the live hall, which a
// test proves command by command. The package is pure: chance is a seed, files and the clock stay outside. The command
// line and the manager's page call it; it owns no goroutine.
package whatif
