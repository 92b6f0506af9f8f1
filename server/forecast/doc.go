// Package forecast says how long people will wait, as quantiles, and judges afterwards what it said.
//
// It is pure: histories, the hall's state, times and seeds come in as arguments, so that the same question always gets
// the same answer and nothing that happens later can change a forecast made before.
package forecast
