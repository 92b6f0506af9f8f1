package rs485

import (
	"context"
	"errors"
	"fmt"

	"yitang/drivers/port"
)

// Event tells that a unit came up or went down. A unit that is down tells so again only when the reason changes.
type Event struct {
	Unit string
	Up   bool
	// Proven is false for a unit that is up as far as anybody knows: its protocol has no answers, its frames go out.
	Proven bool
	Fault  *Fault // why it is down, nil while up
}

// Code is a stable word for why a unit is down.
type Code string

// The codes.
const (
	WhySilent   Code = "silent"   // no byte came
	WhyBabbling Code = "babbling" // bytes came and were no answer
	WhyRefuses  Code = "refuses"  // the unit answered that it will not
	WhyVanished Code = "vanished" // the line is unplugged
	WhyBusy     Code = "busy"     // another program has the line
	WhyUnusable Code = "unusable" // the line cannot be opened
)

// Fault is why a unit is down: a code and a sentence for people, and the cause for the log.
type Fault struct {
	Code     Code
	Sentence string
	Cause    error // may be nil
}

// Error gives code, sentence and cause.
func (f *Fault) Error() string {
	if f.Cause == nil {
		return fmt.Sprintf("rs485: %s: %s", f.Code, f.Sentence)
	}
	return fmt.Sprintf("rs485: %s: %s (%v)", f.Code, f.Sentence, f.Cause)
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

func fault(code Code, cause error) *Fault {
	return &Fault{Code: code, Sentence: sentence(code), Cause: cause}
}

func sentence(code Code) string {
	switch code {
	case WhySilent:
		return "设备没有应答，请检查电源、地址和连接线。"
	case WhyBabbling:
		return "设备的应答无法识别，请检查波特率、协议和连接线，以及是否有两台设备用了同一个地址。"
	case WhyRefuses:
		return "设备拒绝了命令，请检查型号和协议设置。"
	case WhyBusy:
		return "这条线路的串口正被其他程序占用，请先关闭该程序。"
	case WhyUnusable:
		return "这条线路的串口无法打开，请检查设备路径、权限和波特率。"
	default:
		return "这条线路未连接，请检查串口线和设备路径。"
	}
}

// lineFault puts into a code what keeps the whole line down.
func lineFault(err error) *Fault {
	var d *port.DownError
	if !errors.As(err, &d) {
		return fault(WhyVanished, err)
	}
	switch d.Reason {
	case port.Busy:
		return fault(WhyBusy, err)
	case port.Forbidden, port.NotSerial, port.BadConfig, port.Failed:
		return fault(WhyUnusable, err)
	default:
		return fault(WhyVanished, err)
	}
}

func (b *Bus) emit(ctx context.Context, e Event) {
	select {
	case b.events <- e:
	case <-ctx.Done():
	}
}
