// Package mistake says where a file that somebody wrote is wrong, for whoever has to mend it: a hall's lists and exchange
// files are refused with the same words. It owns no goroutine.
package mistake

import (
	"fmt"
	"strings"
)

// Most bounds how many mistakes are told at once: a file in the wrong encoding would fill the screen.
const Most = 20

// Mistake is one of them: where it stands and what is wrong.
type Mistake struct {
	File    string
	Line    int    // from 1; 0 when it is about the file as a whole
	Column  string // the column's name; empty when it is about the line as a whole
	Message string
}

func (m Mistake) Error() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ", line %d", m.Line)
	}
	if m.Column != "" {
		fmt.Fprintf(&b, ", column %s", m.Column)
	}
	return b.String() + ": " + m.Message
}

// List are the mistakes found, at most Most of them, in the order of the files' lines.
type List []Mistake

func (l List) Error() string {
	lines := make([]string, 0, len(l))
	for _, one := range l {
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}

// Full says whether no further mistake will be told.
func (l List) Full() bool { return len(l) >= Most }

// Add keeps a mistake, where there is room.
func (l *List) Add(m Mistake) {
	if !l.Full() {
		*l = append(*l, m)
	}
}
