package kiosk

import "yitang/drivers/escpos"

const chinese = "zh"

// lexicon is what the kiosk itself says in one language. Uyghur and Kazakh want a native reader's check.
type lexicon struct {
	language string
	wait     string // of the minutes, from p50 to p90
	soon     string // of the p90 minutes, where the p50 is none
	most     string // of p80 minutes
	more     string // of how many matters
	next     string // what happens next, on the receipt
	offline  string // on the receipt of a number of the kiosk's own
	list     string // on a list of materials
	errors   map[string]string
	refused  string // when the hall refused with a code that has no sentence here
}

// words are the kiosk's words in a language, Chinese for one it does not know.
func words(language string) lexicon {
	switch language {
	case "ug":
		return uyghur()
	case "kk":
		return kazakh()
	case "en":
		return english()
	}
	return lexicon{
		language: chinese, wait: "约 %s 分钟", soon: "%d 分钟以内", most: "十个人里有八个在 %d 分钟内叫到", more: "等另外 %d 项",
		next:    "请留意屏幕和广播叫号，叫到后到窗口办理。过号请到导服台。",
		list:    "请备齐以上材料再来；有疑问请到导服台。",
		offline: "大厅系统暂时中断：您的位置按取号时间保留，等候时间暂不能估计。",
		errors: map[string]string{ // #nosec G101 -- words for people, no credentials
			codeUnreachable:      "暂时连不上大厅系统，还没有拿到号码。请稍等片刻再试，或到导服台人工取号。",
			codeCardExpired:      "证件信息已超时清除。请拿起证件，重新平放在读卡区。",
			codeInvalid:          "提交的内容有误，请返回重新选择。",
			codeNotFound:         "没有找到这张号票，请到导服台。",
			codeInternal:         "取号机出错，请到导服台人工取号。",
			codeNotReady:         "取号机正在启动，请稍候。",
			codeTokenRefused:     "大厅系统不认识这台取号机。请到导服台取号；管理员请核对取号机令牌。",
			codeHallClosed:       "大厅现在没有开放取号，请看开放时间。",
			codeNoAppointment:    "没有找到这个预约。请核对预约码，或到导服台。",
			codeTooEarly:         "还没到签到时间，请稍后再来签到。",
			codeTooLate:          "已经过了签到时间。请取号，或到导服台。",
			codeAppointmentState: "这个预约不能再签到。请取号，或到导服台。",
		},
	}
}

func english() lexicon {
	return lexicon{
		language: "en", wait: "about %s min", soon: "%d min or less", most: "8 in 10 within %d min", more: "and %d more",
		next:    "Please watch the screens; go to the window when your number is called. 请留意屏幕和广播叫号。",
		list:    "Please bring all of these. Questions: the guide desk.",
		offline: "The hall's system is interrupted. Your place counts from the time above; the wait is not known yet.",
		errors: map[string]string{ // #nosec G101 -- words for people, no credentials
			codeUnreachable:      "The hall's system cannot be reached and no number has come yet. Please try again in a moment or ask at the guide desk.",
			codeCardExpired:      "The card was read too long ago. Please lift it and place it on the reader again.",
			codeInvalid:          "Something in the request is wrong. Please go back and choose again.",
			codeNotFound:         "This ticket was not found. Please ask at the guide desk.",
			codeInternal:         "The kiosk has a problem. Please ask at the guide desk.",
			codeNotReady:         "The kiosk is starting. Please wait.",
			codeTokenRefused:     "The hall's system does not know this kiosk. Please ask at the guide desk.",
			codeHallClosed:       "The hall takes no numbers now. Please look at the opening hours.",
			codeNoAppointment:    "This appointment was not found. Please check the code or ask at the guide desk.",
			codeTooEarly:         "It is too early to check in. Please come back a little later.",
			codeTooLate:          "The time to check in is over. Please take a number or ask at the guide desk.",
			codeAppointmentState: "This appointment cannot be checked in any more. Please take a number or ask at the guide desk.",
		},
		refused: "The hall did not accept this. Please check what you entered or ask at the guide desk.",
	}
}

func uyghur() lexicon {
	const desk = "مۇلازىمەت ئۈستىلىدىن ياردەم سوراڭ."
	return lexicon{
		language: "ug", wait: "تەخمىنەن %s مىنۇت", soon: "%d مىنۇت ئىچىدە", most: "ھەر 10 كىشىدىن 8 ى %d مىنۇت ئىچىدە چاقىرىلىدۇ",
		more: "يەنە %d تۈر", next: "ساقلاپ تۇرۇڭ، ئېكرانغا دىققەت قىلىڭ.",
		list:    "يۇقىرىقى ماتېرىياللارنى تولۇق ئېلىپ كېلىڭ.",
		offline: "زال سىستېمىسى ۋاقىتلىق ئۈزۈلدى: ئورنىڭىز نومۇر ئالغان ۋاقىت بويىچە ساقلىنىدۇ، ساقلاش ۋاقتى تېخى مەلۇم ئەمەس.",
		errors: map[string]string{
			codeUnreachable:      "زال سىستېمىسىغا ئۇلىنالمىدى، نومۇر تېخى كەلمىدى. سەل تۇرۇپ قايتا سىناڭ ياكى " + desk,
			codeCardExpired:      "كىنىشكا ئۇچۇرى ۋاقتى ئۆتتى. كىنىشكىنى ئېلىپ قايتا قويۇڭ.",
			codeInvalid:          "مەزمۇندا خاتالىق بار، قايتىپ قايتا تاللاڭ.",
			codeNotFound:         "بۇ نومۇر تېپىلمىدى، " + desk,
			codeInternal:         "ماشىنىدا خاتالىق كۆرۈلدى، " + desk,
			codeNotReady:         "ماشىنا قوزغىلىۋاتىدۇ، ساقلاپ تۇرۇڭ.",
			codeTokenRefused:     "زال سىستېمىسى بۇ ماشىنىنى تونۇمىدى، " + desk,
			codeHallClosed:       "زال ھازىر نومۇر تارقاتمايدۇ. ئىش ۋاقتىغا قاراڭ.",
			codeNoAppointment:    "بۇ زاكاز تېپىلمىدى. زاكاز كودىنى تەكشۈرۈڭ ياكى " + desk,
			codeTooEarly:         "تېخى تىزىملىتىش ۋاقتى بولمىدى، سەل تۇرۇپ كېلىڭ.",
			codeTooLate:          "تىزىملىتىش ۋاقتى ئۆتۈپ كەتتى. نومۇر ئېلىڭ ياكى " + desk,
			codeAppointmentState: "بۇ زاكازنى ئەمدى تىزىملىتىشقا بولمايدۇ. نومۇر ئېلىڭ ياكى " + desk,
		},
		refused: "زال بۇنى قوبۇل قىلمىدى. كىرگۈزگەننى تەكشۈرۈڭ ياكى " + desk,
	}
}

func kazakh() lexicon {
	const desk = "قىزمەت كورسەتۋ ورنىنان كومەك سۇراڭىز."
	return lexicon{
		language: "kk", wait: "شامامەن %s مينۋت", soon: "%d مينۋت ىشىندە", most: "ٴار 10 ادامنان 8-ى %d مينۋت ىشىندە شاقىرىلادى",
		more: "تاعى %d ٴتۇر", next: "كۇتە تۇرىڭىز، ەكرانعا نازار اۋدارىڭىز.",
		list:    "جوعارىداعى ماتەريالداردى تولىق الىپ كەلىڭىز.",
		offline: "زال جۇيەسى ۋاقىتشا ٴۇزىلدى: ورنىڭىز نومىر العان ۋاقىت بويىنشا ساقتالادى، كۇتۋ ۋاقىتى ٴالى بەلگىسىز.",
		errors: map[string]string{
			codeUnreachable:      "زال جۇيەسىنە جالعانبادى، نومىر ٴالى كەلگەن جوق. سالدەن سوڭ قايتا كورىڭىز نەمەسە " + desk,
			codeCardExpired:      "كۋالىك مالىمەتىنىڭ ۋاقىتى ٴوتتى. كۋالىكتى الىپ قايتا قويىڭىز.",
			codeInvalid:          "مازمۇندا قاتە بار، قايتىپ قايتا تاڭداڭىز.",
			codeNotFound:         "بۇل نومىر تابىلمادى، " + desk,
			codeInternal:         "ماشينادا قاتە شىقتى، " + desk,
			codeNotReady:         "ماشينا ىسكە قوسىلۋدا، كۇتە تۇرىڭىز.",
			codeTokenRefused:     "زال جۇيەسى بۇل ماشينانى تانىمادى، " + desk,
			codeHallClosed:       "زال قازىر نومىر بەرمەيدى. جۇمىس ۋاقىتىنا قاراڭىز.",
			codeNoAppointment:    "بۇل جازىلۋ تابىلمادى. كودتى تەكسەرىڭىز نەمەسە " + desk,
			codeTooEarly:         "تىركەلۋ ۋاقىتى ٴالى بولعان جوق، سالدەن سوڭ كەلىڭىز.",
			codeTooLate:          "تىركەلۋ ۋاقىتى ٴوتىپ كەتتى. نومىر الىڭىز نەمەسە " + desk,
			codeAppointmentState: "بۇل جازىلۋدى ەندى تىركەۋگە بولمايدى. نومىر الىڭىز نەمەسە " + desk,
		},
		refused: "زال مۇنى قابىلدامادى. ەنگىزگەنىڭىزدى تەكسەرىڭىز نەمەسە " + desk,
	}
}

// deviceNote says a device's reason to the hall's staff.
func deviceNote(reason string) string {
	switch escpos.Reason(reason) {
	case escpos.PaperOut:
		return "打印机缺纸，请换纸。"
	case escpos.PaperLow:
		return "打印纸快用完了，请备纸。"
	case escpos.CoverOpen:
		return "打印机上盖未合好，请合上。"
	case escpos.CutterError:
		return "打印机切刀卡住，请检查。"
	case escpos.HeadHot:
		return "打印头过热，冷却后自动恢复。"
	case escpos.PaperJam:
		return "打印机卡纸，请检查。"
	case escpos.PrinterError:
		return "打印机报错，请关机后重新开机。"
	case escpos.PrinterOffline:
		return "打印机处于脱机状态。"
	case escpos.NoAnswer:
		return "打印机没有应答，请检查电源、连线和波特率。"
	case escpos.Unplugged:
		return "打印机未连接，请检查连线。"
	case escpos.LineBusy:
		return "打印机端口被占用或不收数据。"
	case escpos.Cancelled:
		return "打印任务已取消。"
	case reasonNoPrinter:
		return "这台取号机没有打印机，请让取号人记下号码或扫码。"
	case reasonStopped:
		return "取号机在打印这张号票前后停过机，号票可能没有打出来，请到机前看一下。"
	case reasonBusy:
		return "等待打印的号票太多。"
	}
	return "设备状态：" + reason
}
