package led

// Zhongyi is 重庆中意's two-colour counter screen, RS-485, 9600 baud (HARDWARE.md, D3). The document shows the colours 00
// and 01; that 00 is red, and that yellow is shown as red, is our reading.
func Zhongyi() Template {
	return Template{
		Name: "zhongyi", Charset: GBK, Colours: Hex{0x00, 0x01, 0x00},
		Frame: []Part{
			{Kind: PartBytes, Bytes: Hex{0xA0, 0x90}},
			{Kind: PartAddress},
			{Kind: PartBytes, Bytes: Hex{0xA5}},
			{Kind: PartLength, Size: 2, From: 4, To: 5},
			{Kind: PartBody},
			{Kind: PartSum, Sum: Xor8, From: 1, To: 5},
		},
		Show: []Part{{Kind: PartText, Coloured: true}},
		Answer: []Part{
			{Kind: PartBytes, Bytes: Hex{0xA0, 0x90}},
			{Kind: PartAddress},
			{Kind: PartBytes, Bytes: Hex{0xA5}},
			{Kind: PartVerdict, Good: Hex{0xAA}, Bad: Hex{0x55}},
		},
	}
}

// LiheText is 平安力合's instant text, 9600 baud (HARDWARE.md, D2). The document's answer to it is not known, and of mode,
// speed and stay only the places: ours are 01 01 05; life 99 (63) is for ever.
func LiheText() Template {
	return Template{
		Name: "lihe-text", Charset: GBK, Colours: Hex{0, 1, 2},
		Frame: []Part{
			{Kind: PartBytes, Bytes: Hex{0xAA}},
			{Kind: PartAddress},
			{Kind: PartBytes, Bytes: Hex{0xBB, 0x51, 0x54}},
			{Kind: PartSum, Sum: Sum8, From: 4, To: 6},
			{Kind: PartBody},
			{Kind: PartBytes, Bytes: Hex{0xFF}},
		},
		Show: []Part{
			{Kind: PartBytes, Bytes: Hex{0x01, 0x01, 0x05}}, // mode, speed, stay
			{Kind: PartColour},
			{Kind: PartBytes, Bytes: Hex{99}}, // life
			{Kind: PartText},
		},
	}
}

// Onbon is the frame of 仰邦's BX controllers (HARDWARE.md, D1), with the ping as the question. The published material
// ends after A3 06 01 of the dynamic text: what stands between it and the text, and the controller's answer, are to be
// filled in from the manual of the model.
func Onbon() Template {
	return Template{
		Name: "onbon-bx", Charset: GBK,
		Frame: []Part{
			{Kind: PartBytes, Bytes: Hex{0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5}},
			{Kind: PartAddress, Size: 2, Little: true},
			{Kind: PartBytes, Bytes: Hex{0x00, 0x80, 0, 0, 0, 0, 0, 0, 0xFE, 0x02}}, // source 8000, reserved, option, CRC16, mode, any device, protocol
			{Kind: PartLength, Size: 2, Little: true, From: 4, To: 5},
			{Kind: PartBody},
			{Kind: PartSum, Sum: CRCARC, From: 1, To: 5},
			{Kind: PartBytes, Bytes: Hex{0x5A}},
		},
		Show:     []Part{{Kind: PartBytes, Bytes: Hex{0xA3, 0x06, 0x01}}, {Kind: PartText}},
		Question: Hex{0xA2, 0x00, 0x01, 0x00, 0x00},
		Escape: &Escape{From: 1, To: 6, Table: []Spell{
			{Plain: Hex{0xA5}, Wire: Hex{0xA6, 0x02}}, {Plain: Hex{0xA6}, Wire: Hex{0xA6, 0x01}},
			{Plain: Hex{0x5A}, Wire: Hex{0x5B, 0x02}}, {Plain: Hex{0x5B}, Wire: Hex{0x5B, 0x01}},
		}},
	}
}
