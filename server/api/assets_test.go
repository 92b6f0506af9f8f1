package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"yitang/server/halltest"
)

// TestAssetsArePacked for whoever takes gzip, each time with the same bytes, and plain for others.
func TestAssetsArePacked(t *testing.T) {
	script := strings.Repeat("export const 取号 = 1\n", 1000)
	h := halltest.Make(t, 1)
	h.Pages = fstest.MapFS{"assets/kiosk-1.js": {Data: []byte(script)}, "assets/kiosk-2.js": {Data: []byte("2")}}
	h.Start()
	get := func(path, accept string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", accept) // said by hand: the client unpacks nothing
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.Header.Get("Vary") != "Accept-Encoding" || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %v %v", path, err, res.Header)
		}
		return res, body
	}
	res, first := get("/assets/kiosk-1.js", "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" || len(first) > len(script)/10 {
		t.Fatalf("%d bytes of %d, %v", len(first), len(script), res.Header)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(unpacked); err != nil || string(text) != script {
		t.Errorf("%d bytes come out of it: %v", len(text), err)
	}
	if _, again := get("/assets/kiosk-1.js", "gzip"); !bytes.Equal(again, first) {
		t.Error("another packet")
	}
	if res, plain := get("/assets/kiosk-1.js", "identity"); res.Header.Get("Content-Encoding") != "" || string(plain) != script {
		t.Errorf("plain: %d bytes, %v", len(plain), res.Header)
	}
	if res, small := get("/assets/kiosk-2.js", "identity"); string(small) != "2" {
		t.Errorf("%s %v", small, res.Header)
	}
}
