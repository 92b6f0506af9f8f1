package escpos

import "encoding/binary"

// build makes the command of its name and argument, nil when this package has no type for it.
func build(head, name byte, arg []byte) Op {
	switch head {
	case dle:
		return buildRealTime(name, arg)
	case esc:
		return buildEsc(name, arg)
	case fs:
		return buildFS(name, arg)
	}
	switch name {
	case '(':
		return buildQR(arg)
	case 'V', 'v', 'k':
		return buildLong(name, arg)
	case 'h', 'w', 'H', 'a', 'r', 'I':
		return buildGSCode(name, arg[0])
	}
	return buildGS(name, arg)
}

func buildRealTime(name byte, arg []byte) Op {
	switch {
	case name == eot && arg[0] >= 1 && arg[0] <= 4:
		return RealTimeStatus{N: arg[0]}
	case name == enq && (arg[0] == 1 || arg[0] == 2):
		return Recover{N: arg[0]}
	}
	return nil
}

func buildEsc(name byte, arg []byte) Op {
	switch name {
	case '@':
		return Init{}
	case '2':
		return Spacing{}
	case 'B':
		return Buzz{Times: arg[0], Length: arg[1]}
	}
	if len(arg) != 1 {
		return nil
	}
	n := arg[0]
	switch name {
	case 't':
		return CodePage{N: n}
	case 'R':
		return International{N: n}
	case 'E':
		return Bold{On: n&1 != 0}
	case '-':
		return Underline{Dots: n &^ '0'}
	case '!':
		return Mode{Bits: n}
	case 'a':
		return Align{Where: Alignment(n &^ '0')}
	case '3':
		return Spacing{Dots: n}
	case 'd':
		return Feed{Lines: n}
	case 'J':
		return FeedDots{Dots: n}
	}
	return nil
}

func buildFS(name byte, arg []byte) Op {
	switch name {
	case '&', '.':
		return Chinese{On: name == '&'}
	case '!':
		return Mode{Bits: arg[0], Chinese: true}
	case '-':
		return Underline{Dots: arg[0] &^ '0', Chinese: true}
	case 'S':
		return ChineseSpace{Left: arg[0], Right: arg[1]}
	}
	return nil
}

func buildGS(name byte, arg []byte) Op {
	switch name {
	case '!':
		return Size{W: arg[0]>>4&7 + 1, H: arg[0]&7 + 1}
	case 'B':
		return Invert{On: arg[0]&1 != 0}
	case 'L':
		return Margin{Dots: binary.LittleEndian.Uint16(arg)}
	case 'W':
		return Width{Dots: binary.LittleEndian.Uint16(arg)}
	}
	return nil
}

func buildGSCode(name, n byte) Op {
	switch name {
	case 'h':
		return BarHeight{Dots: n}
	case 'w':
		return BarModule{Dots: n}
	case 'H':
		return BarText{Where: n &^ '0'}
	case 'a':
		return AutoStatus{N: n}
	case 'r':
		return Ask{N: n &^ '0'}
	}
	return Identify{N: n}
}

// buildLong makes the commands whose length depends on their argument.
func buildLong(name byte, arg []byte) Op {
	switch name {
	case 'V':
		c := Cut{How: CutMode(arg[0])}
		if len(arg) == 2 {
			c.Feed = arg[1]
		} else {
			c.How &= 1
		}
		return c
	case 'v':
		return Raster{
			Scale: arg[1] & 3, WidthBytes: binary.LittleEndian.Uint16(arg[2:]), Rows: binary.LittleEndian.Uint16(arg[4:]),
			Data: append([]byte(nil), arg[6:]...),
		}
	}
	if data := string(arg[2:]); arg[0] == code128 && len(data) > 2 && data[:2] == "{B" {
		return Code128{Data: data[2:]}
	}
	return nil
}

// buildQR takes what follows GS (: k, two bytes of length, '1' for QR, the function and its parameters.
func buildQR(arg []byte) Op {
	if len(arg) < 6 || arg[0] != 'k' || arg[3] != '1' {
		return nil
	}
	switch function, p := arg[4], arg[5:]; function {
	case 'A':
		return QRModel{}
	case 'C':
		return QRModule{Dots: p[0]}
	case 'E':
		if i := int(p[0]) - '0'; i >= 0 && i < 4 {
			return QRLevel{Level: "LMQH"[i]}
		}
	case 'P':
		return QRStore{Data: string(p[1:])}
	case 'Q':
		return QRPrint{}
	}
	return nil
}
