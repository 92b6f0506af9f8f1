// Package keypad speaks to the clerks' call keypads (叫号键盘) at the windows: four keys and a lamp with a buzzer.
//
// The protocol is the one of QSystem / Apertum's button devices, RS-485, 9600 baud, the only one for keypads whose bytes
// are published (HARDWARE.md, D8). The pure half is [EncodeLamp] and [Parser]; the other is [Pad], one keypad's state,
// which does no input or output: package rs485 gives it its turns on a line. Nothing here
// starts a goroutine.
//
// A key is the two bytes addr 31..34; from keypads as the source of QSystem has them (ru.apertum.qsystem.ub485.core) they come
// framed, 01 addr 31..34 07, and both are heard. Whether keypads answer a poll is not published: by default a pad is not polled and counts as up when its frames go out. [Config.Polled] is for keypads that are asked for
// their keys one by one, as the makers of Chinese keypads do it (D9); its poll is QSystem's scan 04 addr 07, and that an
// idle keypad answers it with 01 addr 30 07 is our choice, which the simulator shares.
package keypad
