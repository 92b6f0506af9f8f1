package idcard

import "fmt"

// Status is SW3 of a reply. Codes that only the makers' host libraries use (01 02 03 05 09) never come over the wire.
type Status byte

// The states a module reports.
const (
	Done            Status = 0x90
	Found           Status = 0x9F
	NoItem          Status = 0x91
	BadChecksum     Status = 0x10
	BadLength       Status = 0x11
	BadCommand      Status = 0x21
	NoPermission    Status = 0x23
	UnknownError    Status = 0x24
	ModuleRefused   Status = 0x31
	CardRefused     Status = 0x32
	InfoRefused     Status = 0x33
	FingerRefused   Status = 0x37
	InfoLengthError Status = 0x3F
	NotAnIDCard     Status = 0x40
	ReadFailed      Status = 0x41
	RandomFailed    Status = 0x47
	SelfTestFailed  Status = 0x60
	NotAuthorised   Status = 0x66
	NoCard          Status = 0x80
	SelectFailed    Status = 0x81
)

// Code is a stable name of what to tell the person or the hall's staff. Pages translate it; the sentence beside it is
// the Chinese default.
type Code string

// What the person at the kiosk is told.
const (
	TellNothing     Code = ""
	TellWait        Code = "card_wait"         // the reader is trying again by itself
	TellPlaceAgain  Code = "card_place_again"  // lift the card and place it again
	TellNotIDCard   Code = "card_not_id"       // some other card lies on the reader
	TellCounter     Code = "card_see_counter"  // this card cannot be read here
	TellOutOfOrder  Code = "reader_out_of_use" // the reader itself does not work
	TellProgramming Code = "reader_program_error"
	TellNoCard      Code = "card_none" // the time for one ran out
)

// Why a reader is down.
const (
	WhySelfTest      Code = "reader_self_test_failed"
	WhyNotAuthorised Code = "reader_not_authorised"
	WhySilent        Code = "reader_silent"
	WhyBabbling      Code = "reader_babbling"
	WhyVanished      Code = "reader_vanished"
	WhyBusy          Code = "reader_port_busy"
	WhyUnusable      Code = "reader_port_unusable"
	WhyRefuses       Code = "reader_refuses"
)

// Advice is what to say, as a stable code and a Chinese sentence.
type Advice struct {
	Code     Code
	Sentence string
}

// String is the code: short enough for a log line.
func (a Advice) String() string { return string(a.Code) }

// Advise gives the sentence that belongs to a code.
func Advise(code Code) Advice { return Advice{Code: code, Sentence: sentence(code)} }

func sentence(code Code) string {
	switch code {
	case TellWait:
		return "正在读取，请不要移动证件。"
	case TellPlaceAgain:
		return "没有读到，请拿起证件，重新平放在读卡区。"
	case TellNotIDCard:
		return "这不是居民身份证或居留、居住证件，请换一张，或改用手工输入。"
	case TellCounter:
		return "这张证件未能通过核验，请重新放一次；仍不行请到导服台办理。"
	case TellOutOfOrder:
		return "读卡器暂停使用，请手工输入，或到导服台取号。"
	case TellNoCard:
		return "在规定时间内没有读到证件。"
	case TellProgramming:
		return "读卡器通信出错，请手工输入，或到导服台取号。"
	default:
		return whySentence(code)
	}
}

func whySentence(code Code) string {
	switch code {
	case WhySelfTest:
		return "读卡器安全模块自检失败，请断电重启读卡器；仍失败请联系厂家维修。"
	case WhyNotAuthorised:
		return "读卡器安全模块未经授权，不能读取证件，请联系厂家。"
	case WhySilent:
		return "读卡器没有应答，请检查电源、连接线和波特率。"
	case WhyBabbling:
		return "读卡器发来的数据无法识别，请检查波特率和连接线，或重启读卡器。"
	case WhyVanished:
		return "读卡器未连接，请检查连接线和设备路径。"
	case WhyBusy:
		return "读卡器的串口正被其他程序占用，请先关闭该程序。"
	case WhyUnusable:
		return "读卡器的串口无法打开，请检查设备路径、权限和波特率。"
	case WhyRefuses:
		return "读卡器拒绝执行命令，请重启读卡器；仍不行请联系厂家。"
	default:
		return ""
	}
}

// Meaning says in English what a status stands for: for logs.
func (s Status) Meaning() string {
	if m := s.goodMeaning(); m != "" {
		return m
	}
	switch s {
	case BadChecksum:
		return "module saw a wrong checksum"
	case BadLength:
		return "module saw a wrong length"
	case BadCommand:
		return "wrong or unsupported command"
	case NoPermission:
		return "no permission"
	case UnknownError:
		return "unknown error"
	case ModuleRefused:
		return "card failed to authenticate the module"
	case CardRefused:
		return "module failed to authenticate the card"
	case InfoRefused:
		return "information verification failed"
	case FingerRefused:
		return "fingerprint verification failed"
	case InfoLengthError:
		return "information length error"
	case NotAnIDCard:
		return "card type not recognised"
	case ReadFailed:
		return "reading failed"
	case RandomFailed:
		return "random number failed"
	case SelfTestFailed:
		return "self test failed"
	case NotAuthorised:
		return "module not authorised"
	default:
		return "undocumented status"
	}
}

func (s Status) goodMeaning() string {
	switch s {
	case Done:
		return "done"
	case Found:
		return "card found"
	case NoItem:
		return "card does not hold that item"
	case NoCard:
		return "no card found"
	case SelectFailed:
		return "select failed"
	default:
		return ""
	}
}

// String gives the two hexadecimal digits and the meaning.
func (s Status) String() string { return fmt.Sprintf("%02X %s", byte(s), s.Meaning()) }

// Advice says what the kiosk tells the person when a card could not be read with this status.
func (s Status) Advice() Advice {
	switch s {
	case Done, Found, NoItem, NoCard, SelectFailed:
		return Advise(TellNothing)
	case BadChecksum, UnknownError, RandomFailed:
		return Advise(TellWait)
	case BadLength, BadCommand, NoPermission:
		return Advise(TellProgramming)
	case CardRefused, InfoRefused, FingerRefused:
		return Advise(TellCounter)
	case NotAnIDCard:
		return Advise(TellNotIDCard)
	case SelfTestFailed, NotAuthorised:
		return Advise(TellOutOfOrder)
	default: // 31, 3F, 41 and whatever a newer module may invent
		return Advise(TellPlaceAgain)
	}
}

// ends says whether the module takes no more commands after this status, and why.
func (s Status) ends() (Code, bool) {
	switch s {
	case SelfTestFailed:
		return WhySelfTest, true
	case NotAuthorised:
		return WhyNotAuthorised, true
	default:
		return "", false
	}
}

// transient tells whether the same request is worth sending once more.
func (s Status) transient() bool {
	switch s {
	case BadChecksum, BadLength, UnknownError, RandomFailed:
		return true
	default:
		return false
	}
}
