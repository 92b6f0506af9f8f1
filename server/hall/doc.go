// Package hall is a service hall's business day as pure rules.
//
// Decide turns a command into events, State.Apply turns events into state, and View is what everybody else reads. The
// package reads no clock, draws no random number, opens no file and starts no goroutine: time and chance come in with
// the command. So the live hall, a replay, a simulation and an audit run the same code.
//
// The engine owns the State; the db keeps the events; route holds the Rule by which a window calls.
package hall
