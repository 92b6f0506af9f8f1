package escpos

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"
)

// Bounds of what a template may do in one rendering. A receipt with every matter and paper of a hall needs a hundredth of
// it; a template at the bound takes tens of milliseconds.
const (
	workMax    = 1 << 20 // bytes of its source that are gone through, and of what its functions make
	turnCost   = 64      // of a turn, besides the source in it
	resultMax  = 4 << 10 // bytes of what one function makes: no line is longer
	digitsMax  = 3       // of a width in printf
	payingName = "step"
)

// ErrEndless is a template that repeats more than any receipt needs: {{range 9000000000}}, or a template that calls itself.
var ErrEndless = errors.New("it repeats more than a receipt may")

// work is what is left of workMax in one rendering.
type work struct{ left int }

// step is called by what bound puts into a template.
func (w *work) step(cost int) (string, error) {
	if w.left -= max(cost, turnCost); w.left < 0 {
		return "", ErrEndless
	}
	return "", nil
}

// functions are step and the functions of text/template that make texts, within bounds: a text may be doubled only so often.
func (w *work) functions() template.FuncMap {
	bounded := func(make func(...any) string) func(...any) (string, error) {
		return func(args ...any) (string, error) { return w.result(make(args...)) }
	}
	return template.FuncMap{
		payingName: w.step,
		"print":    bounded(fmt.Sprint), "println": bounded(fmt.Sprintln),
		"html": bounded(template.HTMLEscaper), "js": bounded(template.JSEscaper), "urlquery": bounded(template.URLQueryEscaper),
		"printf": func(format string, args ...any) (string, error) {
			if wide(format) {
				return "", fmt.Errorf("%w: printf %q is wider than %d digits can say", ErrTooLong, format, digitsMax-1)
			}
			return w.result(fmt.Sprintf(format, args...))
		},
	}
}

func (w *work) result(s string) (string, error) {
	if len(s) > resultMax {
		return "", fmt.Errorf("%w: a function makes %d bytes, at most %d", ErrTooLong, len(s), resultMax)
	}
	_, err := w.step(len(s))
	return s, err
}

// wide tells of a width or precision that would make much out of nothing, or takes it from an argument.
func wide(format string) bool {
	for part := range strings.SplitSeq(format, "%") {
		verb := strings.IndexFunc(part, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		digits := 0
		for _, r := range part[:max(verb, 0)] {
			if digits++; r < '0' || r > '9' {
				digits = 0
			}
			if r == '*' || digits >= digitsMax {
				return true
			}
		}
	}
	return false
}

// bound makes each turn of a range and each call of a template pay before it does anything.
func bound(t *template.Template) error {
	for _, one := range t.Templates() {
		if one.Tree == nil || one.Root == nil {
			continue
		}
		if err := errors.Join(within(one.Root), pay(one.Root)); err != nil {
			return err
		}
	}
	return nil
}

// within finds the ranges.
func within(list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	var err error
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.RangeNode:
			err = errors.Join(err, within(n.List), within(n.ElseList), pay(n.List))
		case *parse.IfNode:
			err = errors.Join(err, within(n.List), within(n.ElseList))
		case *parse.WithNode:
			err = errors.Join(err, within(n.List), within(n.ElseList))
		}
	}
	return err
}

// pay begins a list with {{step N}}, N being the bytes of its source.
func pay(list *parse.ListNode) error {
	call := fmt.Sprintf("{{%s %d}}", payingName, len(list.String()))
	trees, err := parse.Parse(payingName, call, "", "", new(work).functions())
	if err != nil {
		return err
	}
	list.Nodes = append([]parse.Node{trees[payingName].Root.Nodes[0]}, list.Nodes...)
	return nil
}
