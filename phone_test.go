package main_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"testing"

	"yitang/web"
)

// phoneMax is what the status page of a ticket may weigh on the line, compressed, with its texts and the Chinese ones
// that stand in for missing ones: a slow phone in a full hall has to load it.
const phoneMax = 100_000

func TestThePhonePageIsLight(t *testing.T) {
	t.Parallel()
	pages := web.Pages()
	read := func(name string) []byte {
		t.Helper()
		b, err := fs.ReadFile(pages, name)
		if err != nil {
			t.Fatalf("%v: build the pages first: make yitang", err)
		}
		return b
	}
	weight := func(name string) int {
		t.Helper()
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		if _, err := w.Write(read(name)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return out.Len()
	}
	html := read("ticket.html")
	sum := weight("ticket.html")
	for _, found := range regexp.MustCompile(`/(assets/[^"]+)"`).FindAllSubmatch(html, -1) {
		sum += weight(string(found[1]))
	}
	texts := func(lang string) int {
		t.Helper()
		names, err := fs.Glob(pages, "assets/"+lang+"-*.js")
		if err != nil || len(names) != 1 {
			t.Fatalf("%s: %v %v", lang, names, err)
		}
		return weight(names[0])
	}
	for _, lang := range []string{"ug", "kk", "en"} {
		all := sum + texts("zh") + texts(lang)
		t.Logf("%s: %d bytes compressed", lang, all)
		if all > phoneMax {
			t.Errorf("/t/{code} in %s weighs %d bytes compressed, more than %d", lang, all, phoneMax)
		}
	}
}
