// Package demo brings a hall to life without people: it draws days of applicants who take tickets at the kiosks, and
// clerks who open their windows, call, serve, pause and go home, on a clock that runs faster than the day. Everything
// it does goes through the same kiosk and the same HTTP API that real people use.
//
// `yitang demo` makes a Scene and calls Run, which owns every goroutine started here and returns when all of them
// have. Randomness comes from the Config, so that a seed gives the same people in the same order; when exactly they
// act depends on the machine.
//
// # Staffing
//
// The share of the real office's people that the example hall can serve follows from its windows. A drawn ticket takes
// 14.5 min on average (9.8 in field F to 20.5 in field B, and 8 % have a second matter), with walking up and clearing
// the desk about 15.5. 23 windows of eight hours (window 24 is for a person) are 11,040 window minutes. DefaultShare
// of 1,070 people a day is 621 tickets or 9,600 minutes: 87 % busy over the day and above 100 % around noon, where
// twice as many come as at the end. In twelve such days of first come first served the median wait was 6 min, 8 for
// those who came at noon or just after midday, and one in ten waited above half an hour, nearly all of them on the four
// busiest days; TestWaitsAreBelievable holds this to 5 to 25 min at the peak.
package demo
