// Package voice makes a call's announcement as sound: a gong, then the call in each of the hall's languages, as one WAV
// file. Words come from a folder of recorded clips where all that a sentence needs are there, else from espeak-ng. The
// hall server owns one Voice and gives its files to the screens' pages and to `yitang display`.
//
// # Recorded clips
//
// The folder has one folder a language: zh, ug, kk, en. Each clip is a WAV file (16-bit PCM, mono or stereo, any rate)
// named after what it says: 0.wav to 9.wav and A.wav to Z.wav in every language, and
//
//	zh  请 号 到 窗口 办理 零 一 二 三 四 五 六 七 八 九 十   (digits are these, not 0 to 9)
//	ug  number (نومۇر)  window (كۆزنەككە)  come (كېلىڭ)
//	kk  number (نومىر)  window (تەرەزەگە)  come (كەلىڭىز)
//	en  number  window (please go to window)
//
// A sentence of which one clip is missing is left to espeak-ng as a whole: two voices in one sentence are hard to follow.
// gong.wav beside the language folders replaces the gong.
package voice
