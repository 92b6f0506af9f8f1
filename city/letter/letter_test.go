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
		data, err := w.Write(&hall.Chained{Event: hall.Event{Seq: 1, Hall: "changji", Body: body}, Kind: kind,
			Prev: make([]byte, 32), Hash: make([]byte, 32)}, 1)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s:", kind)
		for _, place := range texts(data) {
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
	body := &hall.CaseStepped{Case: "20250603-0001", Step: hall.StepNotice, Detail: hall.StepDetail{Items: []string{"身份证", "租赁合同 张三"}, Written: true}}
	r := hall.Chained{Event: hall.Event{Seq: 9, Hall: "changji", Day: "2025-06-03", At: 5, Actor: "clerk:li", Body: body}, Kind: body.Kind(),
		Prev: make([]byte, 32), Hash: slices.Repeat([]byte{1}, 32)}
	data, err := w.Write(&r, 12)
	if err != nil {
		t.Fatal(err)
	}
	l, err := letter.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.Event()
	if err != nil {
		t.Fatal(err)
	}
	got := e.Body.(*hall.CaseStepped)
	if l.ID() != "changji:9" || l.Head != 12 || e.Day != "2025-06-03" || strings.Contains(string(e.Actor), "li") || !strings.HasPrefix(string(e.Actor), "clerk:") {
		t.Errorf("%+v %+v", l, e)
	}
	if len(got.Detail.Items) != 2 || got.Detail.Items[0] == got.Detail.Items[1] || !got.Detail.Written {
		t.Errorf("%+v", got.Detail)
	}
	w.Gen = 3
	if data, err = w.Write(&r, 12); err != nil {
		t.Fatal(err)
	}
	if l, err = letter.Decode(data); err != nil || l.ID() != "changji:3:9" {
		t.Errorf("%v %v", l, err)
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
	} {
		if l, err := letter.Decode([]byte(data)); err == nil {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, _ := json.Marshal(letter.Letter{Hall: "a", Gen: 1, Seq: 1, Kind: "day_closed", Prev: strings.Repeat("0", 32), Hash: strings.Repeat("0", 32)})
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := letter.Decode(data); err == nil {
			if l.Seq == 0 || letter.CheckHall(l.Hall) != nil {
				t.Errorf("%+v", l)
			}
			_, _ = l.Event()
		}
	})
}
