package kiosk

// Cards opens the memory of card numbers to the tests.
type Cards struct{ c *cards }

func NewCards() Cards                            { return Cards{newCards()} }
func (c Cards) Keep(number string) string        { return c.c.keep(number) }
func (c Cards) Number(ref string) (string, bool) { return c.c.number(ref) }
func (c Cards) Close()                           { c.c.close() }
func (c Cards) Held() int                        { return len(c.c.held) }
func MaskName(name string) string                { return maskName(name) }
func MaskNumber(number string) string            { return maskNumber(number) }
