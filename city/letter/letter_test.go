package letter_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yitang/city/letter"
	"yitang/server/hall"
	"yitang/server/person"
)

func writer(t testing.TB) *letter.Writer {
	t.Helper()
	key, err := person.NewKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return &letter.Writer{Hall: "changji", Gen: 1, Key: key}
}

// secret marks a text of which nothing may leave.
const secret = "SECRET"

// fill puts a text that names its own place into every string of a body, and something into every slice, map and number.
func fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.SetString("zh")
		fill(value, path)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(secret + path + ";")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Uint64:
		v.Set(reflect.ValueOf(7).Convert(v.Type()))
	}
}

// texts lists the places whose text is still readable in a letter.
func texts(data []byte) []string {
	var list []string
	for _, part := range strings.Split(string(data), secret)[1:] {
		place, _, _ := strings.Cut(part, ";")
		list = append(list, place)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestWhatLeavesTheHall lists every text field of every kind of event that leaves the hall readable, in a file that a
// person reads: a new field stays at home until somebody adds it to Strip and to that file.
func TestWhatLeavesTheHall(t *testing.T) {
	w := writer(t)
	files, err := filepath.Glob("../../server/hall/testdata/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d kinds, %v", len(files), err)
	}
	var got strings.Builder
	got.WriteString("Every text of every kind of event that leaves a hall readable; see TestWhatLeavesTheHall.\n")
	for _, f := range files {
		kind := hall.Kind(strings.TrimSuffix(filepath.Base(f), ".json"))
		body, err := hall.DecodeBody(kind, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		fill(reflect.ValueOf(body).Elem(), "")
		m, _, err := w.Pack([]hall.Chained{{Event: hall.Event{Seq: 1, Hall: "changji", Body: body}, Kind: kind,
			Prev: make([]byte, 32), Hash: make([]byte, 32)}}, 1)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s:", kind)
		for _, place := range texts(m.Data) {
			fmt.Fprintf(&got, " %s", place)
		}
		got.WriteString("\n")
	}
	const golden = "testdata/leaves.txt"
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("what leaves the hall is not what %s lists (-listed +leaves):\n%s", golden, diff)
	}
	for _, never := range []string{"Person ", ".Track", "Contact", "Note", "Text", "Tracking", "DocumentNo", "Subject ", "Agent", "Clerk", "About", "Language", "Priority"} {
		for line := range strings.Lines(got.String()) {
			if strings.Contains(line, never) && !strings.HasPrefix(line, "layout") {
				t.Errorf("%s leaves: %s", never, line)
			}
		}
	}
}

// TestLetter comes back as it was written, persons and papers recognisable but sealed.
func TestLetter(t *testing.T) {
	w := writer(t)
	body := &hall.CaseStepped{Case: "20250603-0001", Step: hall.StepNotice, Detail: hall.StepDetail{Items: []string{"身份证", "租赁合同 张三"}, Written: true, AcceptedAt: 4}}
	r := hall.Chained{Event: hall.Event{Seq: 9, Hall: "changji", Day: "2025-06-03", At: 5, Actor: "clerk:li", Body: body}, Kind: body.Kind(),
		Prev: make([]byte, 32), Hash: slices.Repeat([]byte{1}, 32)}
	m, _, err := w.Pack([]hall.Chained{r}, 12)
	if err != nil {
		t.Fatal(err)
	}
	list, err := letter.Decode(m.Data)
	if err != nil || len(list) != 1 || m.ID != "changji:9" {
		t.Fatal(m.ID, len(list), err)
	}
	l := list[0]
	e, err := l.Event()
	if err != nil {
		t.Fatal(err)
	}
	got := e.Body.(*hall.CaseStepped)
	if l.ID() != "changji:9" || l.Head != 12 || e.Day != "2025-06-03" || strings.Contains(string(e.Actor), "li") || !strings.HasPrefix(string(e.Actor), "clerk:") {
		t.Errorf("%+v %+v", l, e)
	}
	if len(got.Detail.Items) != 2 || got.Detail.Items[0] == got.Detail.Items[1] || !got.Detail.Written || got.Detail.AcceptedAt != 4 {
		t.Errorf("%+v", got.Detail)
	}
	w.Gen = 3
	if m, _, err = w.Pack([]hall.Chained{r}, 12); err != nil || m.ID != "changji:3:9" {
		t.Errorf("%s %v", m.ID, err)
	}
}

// TestPack: what is put together comes apart as the same letters as one by one, in messages whose names say which events they
// hold; a gap, a day taken back and too many bytes begin another message.
func TestPack(t *testing.T) {
	w := writer(t)
	hash := func(n int) []byte { return slices.Repeat([]byte{byte(n)}, 32) }
	var events []hall.Chained
	for i := range 150 {
		seq := uint64(i + 1)
		if i >= 100 {
			seq += 7
		}
		var body hall.Body = &hall.WindowPaused{Window: "1"}
		if i%3 == 0 {
			body = &hall.ReceiptReported{}
		}
		if i == 90 {
			body = &hall.LayoutAdopted{Layout: hall.Layout{Version: strings.Repeat("v", 70_000)}}
		}
		day := hall.Day("2025-06-03")
		if i > 40 {
			day = "2025-06-04"
		}
		events = append(events, hall.Chained{Event: hall.Event{Seq: seq, Hall: "changji", Day: day, At: hall.Millis(i), Actor: "clerk:li", Body: body},
			Kind: body.Kind(), Prev: hash(i), Hash: hash(i + 1)})
	}
	var ids []string
	var one, many []*letter.Letter
	decode := func(data []byte) []*letter.Letter {
		list, err := letter.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	for rest := events; len(rest) > 0; {
		m, n, err := w.Pack(rest, 200)
		if err != nil {
			t.Fatal(err)
		}
		ids, many, rest = append(ids, m.ID), append(many, decode(m.Data)...), rest[n:]
	}
	for i := range events {
		m, _, err := w.Pack(events[i:i+1], 200)
		if err != nil {
			t.Fatal(err)
		}
		one = append(one, decode(m.Data)...)
	}
	if diff := cmp.Diff([]string{"changji:1-64", "changji:65-90", "changji:91", "changji:92-100", "changji:108-157"}, ids); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(one, many, cmpopts.IgnoreUnexported(letter.Letter{})); diff != "" {
		t.Errorf("-one by one +together:\n%s", diff)
	}
}

// TestSamePersonSameSeal across halls with the same keys, another one under another key of the city.
func TestSamePersonSameSeal(t *testing.T) {
	seal := func(w *letter.Writer) string {
		return w.Strip(&hall.TicketIdentified{Person: "p"}).(*hall.TicketIdentified).Person
	}
	a, b := writer(t), writer(t)
	b.Hall = "township"
	other := writer(t)
	other.Key, _ = person.NewKey(slices.Repeat([]byte{9}, 32))
	if seal(a) != seal(b) || seal(a) == seal(other) || seal(a) == "p" {
		t.Errorf("%s %s %s", seal(a), seal(b), seal(other))
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON": "x", "no hall": `{"gen":1,"seq":1,"kind":"k"}`, "a star": `{"hall":"a.*","gen":1,"seq":1,"kind":"k"}`,
		"no number": `{"hall":"a","gen":1,"kind":"k"}`, "no hash": `{"hall":"a","gen":1,"seq":1,"kind":"k"}`,
		"a number without room in the database": strings.Replace(letterWith(""), `"seq":1`, `"seq":9223372036854775808`, 1),
		"a head without room in the database":   strings.Replace(letterWith(""), `"seq":1`, `"seq":1,"head":18446744073709551615`, 1),
		"no kind in the second":                 letterWith(`{"at":1,"hash":"00000000000000000000000000000000"}`),
		"no hash in the second":                 letterWith(`{"at":1,"kind":"k"}`), "a day of another century": letterWith(`{"day":"1025-06-03","kind":"k","hash":"00000000000000000000000000000000"}`),
		"too many": letterWith(strings.Repeat(`{"kind":"k","hash":"00000000000000000000000000000000"},`, 64) + `{"kind":"k","hash":"00000000000000000000000000000000"}`),
	} {
		if l, err := letter.Decode([]byte(data)); err == nil {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

// letterWith is a message of a good letter and what follows it.
func letterWith(more string) string {
	return `{"hall":"a","gen":1,"seq":1,"kind":"k","prev":"00000000000000000000000000000000","hash":"00000000000000000000000000000000","more":[` + more + `]}`
}

func FuzzDecode(f *testing.F) {
	good, _ := json.Marshal(letter.Letter{Hall: "a", Gen: 1, Seq: 1, Kind: "day_closed", Prev: strings.Repeat("0", 32), Hash: strings.Repeat("0", 32)})
	f.Add(good)
	f.Add([]byte(letterWith(`{"kind":"k","hash":"00000000000000000000000000000000"}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := letter.Decode(data)
		if err == nil && len(list) == 0 {
			t.Error("neither a letter nor an error")
		}
		for i, l := range list {
			if l.Seq != list[0].Seq+uint64(i) || l.Hall != list[0].Hall || letter.CheckHall(l.Hall) != nil {
				t.Errorf("%+v", l)
			}
			_, _ = l.Event()
		}
	})
}
