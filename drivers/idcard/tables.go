package idcard

import "strings"

// Sex of the holder, from the digit of GB/T 2261.1.
type Sex string

// The values of Sex.
const (
	SexUnknown   Sex = "unknown"
	Male         Sex = "male"
	Female       Sex = "female"
	SexNotStated Sex = "not_stated"
)

func sexOf(digit string) Sex {
	switch digit {
	case "1":
		return Male
	case "2":
		return Female
	case "9":
		return SexNotStated
	default:
		return SexUnknown
	}
}

// ethnicities lists GB/T 3304, codes 01 to 56, in order.
const ethnicities = "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 " +
	"水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 " +
	"保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"

// EthnicityName gives the name of a two-digit code of GB/T 3304, or the code itself when the table lacks it.
func EthnicityName(code string) string {
	switch code {
	case "97":
		return "其他"
	case "98":
		return "外国血统中国籍人士"
	}
	if len(code) != 2 || !digits(code) {
		return code
	}
	names := strings.Fields(ethnicities)
	at := int(code[0]-'0')*10 + int(code[1]-'0')
	if at < 1 || at > len(names) {
		return code
	}
	return names[at-1]
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
