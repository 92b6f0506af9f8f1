package hall

import (
	"errors"
	"fmt"
)

// Flaw is what is wrong with a layout: in English for whoever has written its lists and for programs, in Chinese for whoever has
// changed it on a page.
type Flaw struct{ en, zh string }

func (f *Flaw) Error() string { return "layout: " + f.en }

// flaw says one thing in both languages, from the same arguments in the same order.
func flaw(en, zh string, args ...any) error {
	return &Flaw{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// InWords is what Layout.Check found, as a refusal says it.
func InWords(err error) string {
	if f := (*Flaw)(nil); errors.As(err, &f) {
		return f.zh
	}
	return err.Error()
}
