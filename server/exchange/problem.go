package exchange

import (
	"fmt"
	"strings"
)

// maxProblems bounds how many mistakes are told at once.
const maxProblems = 20

// Problem is one mistake: where it stands and what is wrong.
type Problem struct {
	File    string
	Line    int    // from 1; 0 when it is about the file as a whole
	Column  string // empty when it is about the line as a whole
	Message string
}

func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ", line %d", p.Line)
	}
	if p.Column != "" {
		fmt.Fprintf(&b, ", column %s", p.Column)
	}
	return b.String() + ": " + p.Message
}

// Problems are the mistakes found, at most twenty of them.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, 0, len(p))
	for _, one := range p {
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}
