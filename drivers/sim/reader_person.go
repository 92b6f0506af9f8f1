package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf16"
)

// Resident is what a made-up resident's card says. Dates are YYYYMMDD.
type Resident struct {
	Name      string
	Sex       byte   // '1' male, '2' female
	Ethnicity string // two digits of GB/T 3304
	Birth     string
	Address   string
	Number    string
	Authority string
	ValidFrom string
	ValidTo   string // or 长期
}

// Record lays the text out as the chip holds it: UTF-16LE, padded with spaces, cut at each field's length.
func (p Resident) Record() []byte {
	rec := []byte(strings.Repeat(" \x00", cardRecordSize/2))
	put := func(at, size int, s string) {
		units := utf16.Encode([]rune(s))
		for i, u := range units[:min(len(units), size/2)] {
			binary.LittleEndian.PutUint16(rec[at+2*i:], u)
		}
	}
	put(0, 30, p.Name)
	put(30, 2, string(rune(p.Sex)))
	put(32, 4, p.Ethnicity)
	put(36, 16, p.Birth)
	put(52, 70, p.Address)
	put(122, 36, p.Number)
	put(158, 30, p.Authority)
	put(188, 16, p.ValidFrom)
	put(204, 16, p.ValidTo)
	return rec
}

// RandomResident invents a resident of the Changji prefecture and gives the 256-byte record of the card.
func RandomResident(rng *rand.Rand) []byte { return InventResident(rng).Record() }

// Invented people carry sequence numbers from 800 to 994, which a county's births of one day do not reach: nobody's
// number is met by chance.
const (
	firstInvented, countInvented = 800, 195
	longTermFrom                 = 46 // a card issued from this age on has no end
)

// InventResident invents the person behind [RandomResident].
func InventResident(rng *rand.Rand) Resident {
	birth := time.Date(1940+rng.IntN(66), 1, 1+rng.IntN(365), 0, 0, 0, 0, time.UTC)
	issued := time.Date(2016+rng.IntN(9), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, time.UTC)
	region, place := pick2(rng, regions)
	p := Resident{
		Sex: '2', Birth: compact(birth), ValidFrom: compact(issued), ValidTo: validTo(birth, issued),
		Address:   fmt.Sprintf("新疆%s测试路%d号", place, 1+rng.IntN(300)),
		Authority: place + "公安局",
	}
	sequence := firstInvented + rng.IntN(countInvented)
	if sequence%2 == 1 {
		p.Sex = '1'
	}
	p.Ethnicity, p.Name = inventName(rng, p.Sex)
	p.Number = numbered(region + p.Birth + fmt.Sprintf("%03d", sequence))
	return p
}

func compact(t time.Time) string { return t.Format("20060102") }

func validTo(birth, issued time.Time) string {
	switch age := issued.Year() - birth.Year(); {
	case age >= longTermFrom:
		return "长期"
	case age > 25:
		return compact(issued.AddDate(20, 0, 0))
	case age >= 16:
		return compact(issued.AddDate(10, 0, 0))
	default:
		return compact(issued.AddDate(5, 0, 0))
	}
}

// numbered appends the check character of GB 11643: the sum of digits times 2^(17-i), mod 11.
func numbered(seventeen string) string {
	total := 0
	for i, c := range seventeen {
		total += int(c-'0') * (1 << (17 - i) % 11)
	}
	return seventeen + string("10X98765432"[total%11])
}

const (
	regions = "652301 昌吉市 652302 阜康市 652323 呼图壁县 652324 玛纳斯县 652325 奇台县 652327 吉木萨尔县 652328 木垒哈萨克自治县"

	hanSurnames   = "王 李 张 刘 陈 杨 马 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 罗 欧阳"
	hanMale       = "建国 志强 文博 海涛 卫东 明 浩然 永福 学军 天山"
	hanFemale     = "秀兰 丽娟 晓燕 雪梅 婷 玉珍 桂英 思雨 春花 红霞"
	uyghurMale    = "阿卜杜拉 买买提 艾力 吐尔逊 玉山 亚森 库尔班 伊力哈木"
	uyghurFemale  = "古丽娜尔 阿依古丽 帕提古丽 热依汗 阿孜古丽 迪丽努尔"
	uyghurFathers = "阿不都热合曼 买买提 吐尔逊 肉孜 依明 木沙 沙吾提 哈斯木"
	kazakhMale    = "叶尔兰 巴合提 努尔兰 哈那提 达吾列提 塔拉甫"
	kazakhFemale  = "古丽扎提 阿依波塔 加依娜 马依拉 赛力克古丽"
	kazakhFathers = "哈力木别克 阿合买提 努尔泰 木拉提 赛力克"
)

// inventName gives an ethnicity, in about the shares of the prefecture, and a name that fits.
func inventName(rng *rand.Rand, sex byte) (ethnicity, name string) {
	male := sex == '1'
	switch n := rng.IntN(100); {
	case n < 70:
		return "01", pick(rng, hanSurnames) + pick(rng, either(male, hanMale, hanFemale))
	case n < 80:
		return "03", "马" + pick(rng, either(male, hanMale, hanFemale))
	case n < 90:
		return "17", pick(rng, either(male, kazakhMale, kazakhFemale)) + "·" + pick(rng, kazakhFathers)
	default:
		return "05", pick(rng, either(male, uyghurMale, uyghurFemale)) + "·" + pick(rng, uyghurFathers)
	}
}

func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func pick(rng *rand.Rand, words string) string {
	all := strings.Fields(words)
	return all[rng.IntN(len(all))]
}

// pick2 takes one pair out of a list of pairs.
func pick2(rng *rand.Rand, words string) (first, second string) {
	all := strings.Fields(words)
	at := 2 * rng.IntN(len(all)/2)
	return all[at], all[at+1]
}
