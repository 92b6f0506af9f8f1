// Package rs485 shares one serial line among the devices of a counter: strip screens, keypads, evaluators
// (窗口条屏、叫号键盘、评价器). One frame is under way at a time, the addresses have their turns, and one that does not
// answer is told of and tried more and more seldom, so that the others never wait for it longer than one time-out.
//
// It knows no protocol: what is asked and what an answer looks like is the [Device]'s, which packages led, keypad and
// rater implement without any input or output of their own. Whoever runs a counter makes the devices, gives them to
// [New] and calls [Bus.Run], which owns its goroutine and ends when its context does.
//
// That a host polls its addresses one after the other about 120 ms apart is what programs in banks' and service halls'
// queue systems do (HARDWARE.md, D9).
package rs485
