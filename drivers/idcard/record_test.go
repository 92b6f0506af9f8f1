package idcard_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"yitang/drivers/idcard"
	"yitang/drivers/sim"
)

func record(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// put writes s into a record at a byte offset.
func put(rec []byte, at int, s string) []byte {
	rec = slices.Clone(rec)
	for i, u := range utf16.Encode([]rune(s)) {
		binary.LittleEndian.PutUint16(rec[at+2*i:], u)
	}
	return rec
}

func baseData(rec []byte) []byte {
	return slices.Concat([]byte{1, 0, 4, 0}, rec, make([]byte, 1024))
}

func goldenCards() []struct {
	file string
	sum  byte
	card idcard.Card
	json string
} {
	return []struct {
		file string
		sum  byte
		card idcard.Card
		json string
	}{
		{"rec_resident.bin", 0xD2, idcard.Card{
			Type: idcard.Resident, Name: "测试甲", Sex: idcard.Male, Ethnicity: "维吾尔", Birth: "1949-12-31",
			Number: "11010519491231002X", ValidFrom: "2020-01-01", ValidTo: "长期",
		}, `{"type":"resident","name":"测试甲","sex":"male","ethnicity":"维吾尔","birth":"1949-12-31","number":"11010519491231002X","valid_from":"2020-01-01","valid_to":"长期","sam":""}`},
		{"rec_J.bin", 0xBB, idcard.Card{
			Type: idcard.HMT, Name: "测试乙", Sex: idcard.Female, Birth: "1990-01-01", Number: "810000199001010027",
			ValidFrom: "2019-01-01", ValidTo: "2024-01-01", PassNumber: "H01234567", IssueCount: "01",
		}, `{"type":"hmt","name":"测试乙","sex":"female","ethnicity":"","birth":"1990-01-01","number":"810000199001010027","valid_from":"2019-01-01","valid_to":"2024-01-01","sam":""}`},
		{"rec_I.bin", 0x01, idcard.Card{
			Type: idcard.ForeignOld, Name: "证件样本", EnglishName: "ZHENGJIAN,YANGBEN", Sex: idcard.Female, Birth: "1980-01-01",
			Number: "PAK310080010103", ValidFrom: "2023-08-08", ValidTo: "2033-08-07", Nationality: "PAK",
		}, `{"type":"pr_old","name":"证件样本","sex":"female","ethnicity":"","birth":"1980-01-01","number":"PAK310080010103","valid_from":"2023-08-08","valid_to":"2033-08-07","sam":""}`},
		{"rec_Y.bin", 0x7D, idcard.Card{
			Type: idcard.ForeignNew, Name: "证件样本", EnglishName: "ZHENGJIAN, YANGBEN", Sex: idcard.Female, Birth: "1980-01-01",
			Number: "931586198001010028", ValidFrom: "2023-08-08", ValidTo: "2033-08-07", Nationality: "PAK", IssueCount: "00", OldLink: "000",
		}, `{"type":"pr2023","name":"证件样本","sex":"female","ethnicity":"","birth":"1980-01-01","number":"931586198001010028","valid_from":"2023-08-08","valid_to":"2033-08-07","sam":""}`},
	}
}

func bare(c idcard.Card) string { // cmp and fmt cannot look into a Card on their own
	return strings.Join([]string{string(c.Type), c.Name, string(c.Sex), c.Ethnicity, c.Birth, c.Number, c.ValidFrom, c.ValidTo,
		string(c.SAM), c.EnglishName, c.Nationality, c.PassNumber, c.IssueCount, c.OldLink}, "|")
}

func TestGoldenRecords(t *testing.T) {
	t.Parallel()
	for _, tc := range goldenCards() {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			data := baseData(record(t, tc.file))
			frame := encodeReply(idcard.Reply{Status: idcard.Done, Data: data})
			if len(frame) != 1295 || frame[len(frame)-1] != tc.sum || frame[5] != 0x05 || frame[6] != 0x08 {
				t.Fatalf("%d bytes, ends %02X", len(frame), frame[len(frame)-1])
			}
			got := parse(frame)
			if len(got) != 1 {
				t.Fatalf("%d replies", len(got))
			}
			card, err := idcard.ParseBase(got[0].Data)
			if err != nil || bare(card) != bare(tc.card) {
				t.Errorf("%v\n got %s\nwant %s", err, bare(card), bare(tc.card))
			}
			text, err := json.Marshal(card)
			if err != nil || string(text) != tc.json {
				t.Errorf("%v\n got %s\nwant %s", err, text, tc.json)
			}
			if strings.Trim(string(got[0].Data), "\x00") != "" {
				t.Error("the record or the photograph is still in the buffer")
			}
		})
	}
}

func TestTypeOfRecord(t *testing.T) {
	t.Parallel()
	rec := record(t, "rec_resident.bin")
	for _, mark := range []string{" ", "A", "0", "\x00"} {
		if c, err := idcard.ParseRecord(put(rec, 248, mark)); err != nil || c.Type != idcard.Resident {
			t.Errorf("%q: %s %v", mark, c.Type, err)
		}
	}
	for _, mark := range []string{"Z", "i", "5", "汉"} {
		var e *idcard.RecordError
		if _, err := idcard.ParseRecord(put(rec, 248, mark)); !errors.As(err, &e) || e.Field != "type" {
			t.Errorf("%q: %v", mark, err)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	rec := record(t, "rec_resident.bin")
	for _, tc := range []struct {
		name string
		rec  []byte
		get  func(idcard.Card) string
		want string
	}{
		{"surrogate pair", put(rec, 0, "𠮷田𪚥"), func(c idcard.Card) string { return c.Name }, "𠮷田𪚥"},
		{"private use", put(rec, 0, "张\uE863\uF8FF"), func(c idcard.Card) string { return c.Name }, "张\uE863\uF8FF"},
		{"full field", put(rec, 0, "阿卜杜热合曼·买买提吐尔逊江"), func(c idcard.Card) string { return c.Name }, "阿卜杜热合曼·买买提吐尔逊江"},
		{"inner space", put(rec, 0, "A B"), func(c idcard.Card) string { return c.Name }, "A B"},
		{"NUL padding", put(rec, 0, "测试\x00\x00\x00"), func(c idcard.Card) string { return c.Name }, "测试"},
		{"small x", put(rec, 122, "11010519491231002x"), func(c idcard.Card) string { return c.Number }, "11010519491231002X"},
		{"ethnicity unknown", put(rec, 32, "81"), func(c idcard.Card) string { return c.Ethnicity }, "81"},
		{"ethnicity other", put(rec, 32, "97"), func(c idcard.Card) string { return c.Ethnicity }, "其他"},
		{"ethnicity blank", put(rec, 32, "  "), func(c idcard.Card) string { return c.Ethnicity }, ""},
		{"sex 0", put(rec, 30, "0"), func(c idcard.Card) string { return string(c.Sex) }, "unknown"},
		{"sex 9", put(rec, 30, "9"), func(c idcard.Card) string { return string(c.Sex) }, "not_stated"},
		{"sex other", put(rec, 30, "男"), func(c idcard.Card) string { return string(c.Sex) }, "unknown"},
		{"end is a date", put(rec, 204, "20400229"), func(c idcard.Card) string { return c.ValidTo }, "2040-02-29"},
		{"no start", put(rec, 188, "        "), func(c idcard.Card) string { return c.ValidFrom }, ""},
		{"no Chinese name", put(record(t, "rec_Y.bin"), 0, "    "), func(c idcard.Card) string { return c.Name }, "ZHENGJIAN, YANGBEN"},
		{"no Chinese name, old form", put(record(t, "rec_I.bin"), 158, "    "), func(c idcard.Card) string { return c.Name }, "ZHENGJIAN,YANGBEN"},
		{
			"English name over two fields",
			put(put(record(t, "rec_Y.bin"), 52, "ABCDEFGHIJKLMNOPQRSTUVWXYZ, ABCDEF "), 220, "GHI JKLMNOP"),
			func(c idcard.Card) string { return c.EnglishName }, "ABCDEFGHIJKLMNOPQRSTUVWXYZ, ABCDEF GHI JKLMNOP",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := idcard.ParseRecord(tc.rec)
			if err != nil || tc.get(c) != tc.want {
				t.Errorf("%q %v, want %q", tc.get(c), err, tc.want)
			}
		})
	}
}

func TestHalfASurrogatePair(t *testing.T) {
	t.Parallel()
	rec := record(t, "rec_resident.bin")
	binary.LittleEndian.PutUint16(rec[28:], 0xD842)
	c, err := idcard.ParseRecord(rec)
	if err != nil || !strings.HasSuffix(c.Name, "\uFFFD") {
		t.Errorf("%q %v", c.Name, err)
	}
}

func TestBadRecords(t *testing.T) {
	t.Parallel()
	rec := record(t, "rec_resident.bin")
	for _, tc := range []struct {
		field string
		rec   []byte
	}{
		{"birth", put(rec, 36, "19490231")},
		{"birth", put(rec, 36, "1949123 ")},
		{"valid_from", put(rec, 188, "2020010A")},
		{"valid_to", put(rec, 204, "长长      ")},
		{"number", put(rec, 122, "                  ")},
		{"number", put(rec, 122, "1101051949123一002X")},
		{"name", put(rec, 0, "   ")},
	} {
		var e *idcard.RecordError
		c, err := idcard.ParseRecord(tc.rec)
		if !errors.As(err, &e) || e.Field != tc.field || c != (idcard.Card{}) {
			t.Errorf("%s: %v", tc.field, err)
		}
	}
	for _, size := range []int{0, 255, 257} {
		if _, err := idcard.ParseRecord(make([]byte, size)); err == nil {
			t.Errorf("%d bytes accepted", size)
		}
	}
}

func TestBadBase(t *testing.T) {
	t.Parallel()
	rec := record(t, "rec_resident.bin")
	for _, data := range [][]byte{
		nil, {1, 0, 4, 0}, baseData(rec)[:1283], append(baseData(rec), 0),
		slices.Concat([]byte{1, 1, 4, 0}, rec, make([]byte, 1025)),
		slices.Concat([]byte{1, 0, 0xFF, 0xFF}, rec, make([]byte, 1024)),
	} {
		var e *idcard.LayoutError
		if _, err := idcard.ParseBase(data); !errors.As(err, &e) {
			t.Errorf("%d bytes: %v", len(data), err)
		}
		if strings.Trim(string(data), "\x00") != "" {
			t.Error("not zeroed")
		}
	}
	if _, err := idcard.ParseBase(slices.Concat([]byte{1, 0, 0, 0}, rec)); err != nil {
		t.Errorf("a card without photograph: %v", err)
	}
}

// The list of HARDWARE.md A7, typed a second time with its codes.
func TestEthnicities(t *testing.T) {
	t.Parallel()
	const list = "01 汉 02 蒙古 03 回 04 藏 05 维吾尔 06 苗 07 彝 08 壮 09 布依 10 朝鲜 11 满 12 侗 13 瑶 14 白 15 土家 16 哈尼 17 哈萨克 " +
		"18 傣 19 黎 20 傈僳 21 佤 22 畲 23 高山 24 拉祜 25 水 26 东乡 27 纳西 28 景颇 29 柯尔克孜 30 土 31 达斡尔 32 仫佬 33 羌 34 布朗 " +
		"35 撒拉 36 毛南 37 仡佬 38 锡伯 39 阿昌 40 普米 41 塔吉克 42 怒 43 乌孜别克 44 俄罗斯 45 鄂温克 46 德昂 47 保安 48 裕固 49 京 " +
		"50 塔塔尔 51 独龙 52 鄂伦春 53 赫哲 54 门巴 55 珞巴 56 基诺 97 其他 98 外国血统中国籍人士 57 57 00 00 81 81 5 5 甲乙 甲乙"
	for pair := range slices.Chunk(strings.Fields(list), 2) {
		if got := idcard.EthnicityName(pair[0]); got != pair[1] {
			t.Errorf("%s is %s, want %s", pair[0], got, pair[1])
		}
	}
}

func TestCardDoesNotLeak(t *testing.T) {
	t.Parallel()
	card, err := idcard.ParseRecord(record(t, "rec_resident.bin"))
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	z := zerolog.New(&log)
	z.Info().Stringer("card", card).Send()
	slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "card", card)
	event := idcard.CardRead{Card: card}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{card, &card, event, &event, []idcard.Card{card}, map[string]any{"c": card}} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
	}
	for _, secret := range []string{"11010519491231002X", "测试甲", "19491231", "1949-12-31", fmt.Sprintf("%x", "11010519491231002X"), "\\u6d4b"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q leaks:\n%s", secret, log.String())
		}
	}
}

// The simulator writes records with code of its own: what it invents must be read back.
func TestInventedResidents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		p := sim.InventResident(rand.New(rand.NewPCG(seed, 1)))
		c, err := idcard.ParseRecord(sim.RandomResident(rand.New(rand.NewPCG(seed, 1))))
		if err != nil {
			t.Fatal(err)
		}
		want := idcard.Card{
			Type: idcard.Resident, Name: p.Name, Sex: map[byte]idcard.Sex{'1': idcard.Male, '2': idcard.Female}[p.Sex],
			Ethnicity: idcard.EthnicityName(p.Ethnicity), Birth: dashed(p.Birth), Number: p.Number,
			ValidFrom: dashed(p.ValidFrom), ValidTo: dashed(p.ValidTo),
		}
		if bare(c) != bare(want) {
			t.Fatal(cmp.Diff(bare(want), bare(c)))
		}
	})
}

func dashed(s string) string {
	if len(s) != 8 {
		return s
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:]
}

func FuzzRecord(f *testing.F) {
	for _, tc := range goldenCards() {
		f.Add(record(f, tc.file))
	}
	f.Add(put(record(f, "rec_resident.bin"), 0, "\U0010FFFF\uE000"))
	f.Fuzz(func(t *testing.T, rec []byte) {
		c, err := idcard.ParseRecord(rec)
		if err != nil {
			if c != (idcard.Card{}) || strings.Contains(err.Error(), "11010519491231002X") {
				t.Fatal("an error with a card in it")
			}
			return
		}
		if c.Name == "" || c.Number == "" || c.Type == "" || strings.Contains(c.String(), c.Number) {
			t.Fatalf("incomplete: %s", bare(c))
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatal(err)
		}
		if _, err := idcard.ParseBase(baseData(rec)); err != nil {
			t.Fatalf("not as base information: %v", err)
		}
	})
}
