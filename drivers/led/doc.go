// Package led speaks to the LED strip screens over the windows (窗口条屏): "请A012号到3号窗口".
//
// There is no standard; each maker has a frame of its own. The pure half encodes and decodes the published ones behind
// [Protocol]: [Lihe] (平安力合), [QSystem] (QSystem / Apertum boards), and everything else as data, a [Template], of which
// [Zhongyi] (重庆中意), [LiheText] (平安力合, instant text) and [Onbon] (仰邦 BX) come with the package. The other half is
// [Screen], one screen's state: what it is to show, what it has confirmed, when it is asked again. It does no input or
// output: package rs485 gives it its turns on a line. Nothing here starts a goroutine.
//
// The protocol facts are those of HARDWARE.md, D1 to D3 and D8, from the makers' documents as published with queue
// programs and from the source of QSystem. What they leave open and we chose is said where we chose it.
package led
