// Package rater speaks to the evaluators (评价器) on the counters: five keys, five stars (very satisfied) to one, with
// lamps and a voice that ask for a rating.
//
// No maker's protocol is published (HARDWARE.md, D9: the programs call a vendor's library), so a rater is described by a
// [Template]: patterns for the frames in both directions. [DefaultTemplate] is ours; the simulator speaks it, and a
// maker's is filled in from the manual that comes with the device. The pure half is Template and its Encode and Find;
// the other is [Rater], one evaluator's state, which does no input or output: package rs485 gives it its turns on a line.
// Nothing here starts a goroutine.
package rater
