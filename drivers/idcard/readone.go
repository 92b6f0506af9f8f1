package idcard

import "context"

// ReadOne opens a reader, waits for one card and closes it again. While no card comes, or one that cannot be read, it waits
// until ctx ends; tell, unless nil, is told at once what is wrong with a card that lies there. A reader that is silent, babbles, vanishes
// or is out of service gives a [*Fault] within 15 s; so does the end of ctx, with ctx's error inside and, if a card was
// there, what was wrong with it.
func ReadOne(ctx context.Context, cfg Config, tell func(Advice)) (Card, error) {
	run, stop := context.WithCancel(ctx)
	r := NewReader(cfg)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.Run(run) // ends with run, nothing else
	}()
	defer func() {
		stop()
		<-done
	}()
	if tell == nil {
		tell = func(Advice) {}
	}
	return firstCard(ctx, r.Events(), tell)
}

func firstCard(ctx context.Context, events <-chan Event, tell func(Advice)) (Card, error) {
	last := Advise(TellNoCard)
	for e := range events {
		switch e := e.(type) {
		case CardRead:
			return e.Card, nil
		case CardUnreadable:
			last = e.Advice
			tell(last)
		case ReaderDown:
			return Card{}, e.Fault
		}
	}
	return Card{}, &Fault{Advice: last, Cause: context.Cause(ctx)}
}
