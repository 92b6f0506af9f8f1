package web_test

import (
	"io/fs"
	"regexp"
	"testing"

	"yitang/web"
)

// TestNoInlineScript: the content policy lets a page run files of the hall's own only, so a script, a handler or a style in
// the page itself would silently do nothing.
func TestNoInlineScript(t *testing.T) {
	pages, err := fs.Glob(web.Pages(), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) == 0 {
		t.Skip("the pages are not built: make run")
	}
	for _, page := range pages {
		text, err := fs.ReadFile(web.Pages(), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{`<script(?:[^>]*)>[^<]`, `<style`, `\son[a-z]+\s*=`, `\sstyle\s*=`, `javascript:`, `(?:src|href)="(?:https?:)?//`} {
			if found := regexp.MustCompile(what).Find(text); found != nil {
				t.Errorf("%s: %q", page, found)
			}
		}
	}
}
