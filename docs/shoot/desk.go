package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/rs/zerolog"

	"yitang/demo/stage"
	"yitang/server/wire"
	"yitang/web"
)

// scene is a quiet hall in which the pictures play a day of a window and what follows from it.
type scene struct {
	ctx   context.Context //nolint:containedctx // of one run of this program
	b     *rod.Browser
	dir   string
	out   string
	hall  string
	clerk *wire.Client
	kiosk *wire.Client
}

// deskDay is a day that the example calendar knows.
func deskDay() time.Time { return time.Date(2025, 6, 3, 0, 0, 0, 0, time.UTC) }

// takeDesk takes the pictures of the window, the department's desk, the delivery window and the rating tablet: empty, at
// work, and with the server away.
func takeDesk(ctx context.Context, b *rod.Browser, out string) error {
	dir, err := os.MkdirTemp("", "yitang-shoot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan stage.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- stage.Run(ctx, stage.Config{Dir: dir, Listen: "127.0.0.1:0", Speed: 60, Seed: 1, Quiet: true, From: deskDay(), Pages: web.Pages(),
			Out: os.Stderr, Log: zerolog.Nop(), Ready: func(a stage.Addresses) { ready <- a }})
	}()
	select {
	case err := <-ended:
		return err
	case where := <-ready:
		s := &scene{ctx: ctx, b: b, dir: dir, out: out, hall: where.Hall}
		s.clerk, s.kiosk = wire.New(s.hall, s.token("clerk1")), wire.New(s.hall, s.token("kiosk-1"))
		err := rod.Try(func() { s.play(func() { stop(); <-ended }) })
		stop()
		return err
	}
}

func (s *scene) token(name string) string {
	b, err := os.ReadFile(filepath.Join(s.dir, "tokens", name)) // #nosec G304 -- the demo's own folder
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(b))
}

// play goes through the day; stopHall is the power cut at its end.
func (s *scene) play(stopHall func()) {
	s.untilOpen()
	window, department := s.staff("/window", "clerk1"), s.staff("/department", "manager")
	delivery, rating := s.staff("/delivery", "clerk2"), s.page("/rating/1?token="+s.token("pad1"), 1280, 800)
	press(window, input.F1)
	s.settle()
	pages := map[string]*rod.Page{"window": window, "department": department, "delivery": delivery, "rating": rating}
	s.shoot(pages, "empty")

	s.serve("SCJG-009", "110101199003071233", wire.Outcome{Outcome: "accepted"})
	s.serve("SCJG-007", "", wire.Outcome{Outcome: "accepted"})
	s.serve("SCJG-010", "", wire.Outcome{Outcome: "accepted", DeliveryOffered: "yes", DeliveryChosen: "mail"})
	s.serve("SCJG-012", "", wire.Outcome{Outcome: "accepted", DeliveryOffered: "yes", DeliveryChosen: "collect"})
	s.serve("SCJG-008", "11010519491231002X", wire.Outcome{Outcome: "incomplete",
		Missing: []string{"与食品经营相适应的设备布局和操作流程", "食品安全规章制度"}, Contact: "李敏 0994-2345678"})
	s.ready("20250603-0003", "20250603-0004")
	s.take("SCJG-008", "11010519491231002X", "elderly", "ug")
	for _, p := range []string{"ordinary", "ordinary", "pregnant", "ordinary"} {
		s.take("SCJG-004", "", p, "zh")
	}
	s.settle()
	press(window, input.Space)
	s.settle()
	press(window, input.Space)
	s.settle()
	press(department, input.ArrowDown)
	at(delivery, "find").MustInput("20250603-0004")
	press(delivery, input.Enter)
	s.settle()
	s.shoot(pages, "zh")
	s.shootOne(s.page("/rating/1?lang=ug&token="+s.token("pad1"), 1280, 800), "rating-ug")
	press(window, '3')
	s.settle()
	s.shootOne(window, "window-missing")
	press(window, input.Escape)
	at(rating, "grade-2").MustClick()
	at(rating, "reason-slow").MustClick()
	at(rating, "rating-text").MustInput("等了很久才有人来")
	at(rating, "rating-send").MustClick()
	s.settle()
	s.shootOne(s.staff("/manager#/ratings", "manager"), "ratings-zh")
	stopHall()
	s.settle()
	s.shoot(pages, "offline")
}

// untilOpen waits for the hall's morning.
func (s *scene) untilOpen() {
	for range 600 {
		if c, err := s.kiosk.Catalogue(s.ctx); err == nil && c.Hall.Open {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	panic("the hall did not open")
}

func (s *scene) page(path string, width, height int) *rod.Page {
	p := s.b.MustIncognito().MustPage("").Timeout(5 * time.Minute)
	p.MustSetViewport(width, height, 1, false)
	return p.MustNavigate(s.hall + path)
}

func (s *scene) staff(path, user string) *rod.Page {
	p := s.page(path, 1366, 768)
	at(p, "login-user").MustInput(user)
	at(p, "login-password").MustInput("yitang-demo")
	at(p, "login-submit").MustClick()
	return p
}

func at(p *rod.Page, id string) *rod.Element { return p.MustElement(`[data-testid="` + id + `"]`) }

func press(p *rod.Page, k input.Key) { p.Keyboard.MustType(k) }

// settle lets the pages see what has happened; an hour of the hall is a minute, and lists are asked for every ten seconds.
func (s *scene) settle() { time.Sleep(3 * time.Second) }

func (s *scene) shoot(pages map[string]*rod.Page, state string) {
	time.Sleep(11 * time.Second)
	for name, p := range pages {
		s.shootOne(p, name+"-"+state)
	}
}

func (s *scene) shootOne(p *rod.Page, name string) {
	time.Sleep(time.Second)
	path := filepath.Join(s.out, name+".png")
	p.MustScreenshot(path)
	fmt.Println(path)
}

func (s *scene) take(matter, number, priority, language string) wire.Ticket {
	who := wire.Person{Kind: "none"}
	if number != "" {
		who = wire.Person{Kind: "id", Number: number}
	}
	return must(s.kiosk.Take(s.ctx, wire.NewKey(), wire.TakeRequest{Matters: []string{matter}, Person: who, Priority: priority, Language: language}))
}

// serve has window 1 end a service with an outcome.
func (s *scene) serve(matter, number string, o wire.Outcome) {
	s.take(matter, number, "ordinary", "zh")
	must(s.clerk.Next(s.ctx, "1"))
	must(s.clerk.Start(s.ctx, "1"))
	time.Sleep(time.Second)
	o.Matter = matter
	must(s.clerk.Finish(s.ctx, "1", wire.FinishRequest{Outcomes: []wire.Outcome{o}}))
}

// ready decides cases and makes their results ready, on a department's page of its own.
func (s *scene) ready(cases ...string) {
	p := s.staff("/department", "manager")
	for _, id := range cases {
		at(p, "case-"+id).MustClick()
		p.MustElementR(`[data-testid="case-card"]`, id)
		press(p, 'd')
		press(p, 'g')
		at(p, "act-number").MustInput("JY16523" + id[len(id)-2:])
		press(p, input.Enter)
		at(p, "do-ready").MustClick()
		s.settle()
	}
	p.MustClose()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
