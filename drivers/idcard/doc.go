// Package idcard reads second-generation resident identity cards (第二代居民身份证) and the residence permits that
// share their chip, through a serial reader with the government's security module (SAM).
//
// The pure half is the wire protocol and the records: [EncodeRequest], [Parser], [Status], [ParseRecord]. The other
// half, [Reader], drives one module on a serial line. The kiosk calls [Reader.Run]; `yitang device card` calls
// [ReadOne]. Run owns every goroutine it starts and returns only when they have ended.
//
// Protocol facts come from programs and pages of readers' makers (repository hevz/hev-idcard-reader; softs.im
// 身份证阅读器通信协议; record layouts as in Johann356/readinfo, PCSCGetData.h, and the GA/T 490 table of wiki.nfc.im).
// The standards behind them, GA 467 and GA/T 490, are not public.
//
// What a person did not come to show is not kept: the photograph is zeroed when its frame is complete, the address is
// skipped, fingerprints are never asked for, and a [Card] prints without name and number.
package idcard
