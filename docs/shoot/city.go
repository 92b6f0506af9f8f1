package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/go-rod/rod"
	"github.com/rs/zerolog"

	"yitang/city"
	"yitang/city/outbox"
	"yitang/demo/town"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/web"
)

// takeCity takes the pictures of the city's pages, and of an appointment at another hall, from the demo of a whole city.
func takeCity(ctx context.Context, b *rod.Browser, out string) error {
	dir, err := os.MkdirTemp("", "yitang-town-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // #nosec G302 -- PostgreSQL may run in it as another user
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan town.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- town.Run(ctx, town.Config{Dir: filepath.Join(dir, "town"), Listen: "127.0.0.1:0", Seed: 1, Pages: web.Pages(), Out: io.Discard, Log: zerolog.Nop(),
			Ready: func(a town.Addresses) { ready <- a }})
	}()
	select {
	case err := <-ended:
		return err
	case where := <-ready:
		err := shootCity(ctx, b, out, where)
		stop()
		<-ended
		return err
	}
}

// settled is how long the halls work before anybody looks.
const settled = 30 * time.Second

func shootCity(ctx context.Context, b *rod.Browser, out string, where town.Addresses) error {
	example, err := catalogue.Example()
	if err != nil {
		return err
	}
	editor := city.Client{URL: where.City, User: "editor", Password: town.Password}
	if _, err := editor.Publish(ctx, &outbox.Standard{From: hall.Day(time.Now().AddDate(0, 0, 1).Format(time.DateOnly)), Note: "首版", Matters: example.Matters}); err != nil {
		return err
	}
	time.Sleep(settled)
	for _, s := range cityShots(where, time.Now()) {
		path := filepath.Join(out, s.name+".png")
		if err := take(b, s, path); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Println(path)
	}
	return nil
}

func cityShots(where town.Addresses, now time.Time) []shot {
	days := "?from=" + now.AddDate(0, 0, -35).Format(time.DateOnly) + "&to=" + now.Format(time.DateOnly)
	book := where.Halls["erliugong"] + "/appointment"
	return []shot{
		{name: "city-halls-zh", url: where.City + "/#halls", width: 1366, height: 768, login: "viewer"},
		{name: "city-report-zh", url: where.City + "/#report" + days, width: 1366, height: 1500, login: "viewer"},
		{name: "city-leads-zh", url: where.City + "/#leads" + days, width: 1366, height: 768, login: "viewer", clicks: []string{"row"}},
		{name: "city-standard-zh", url: where.City + "/#standard", width: 1366, height: 768, login: "editor", clicks: []string{"matter-SCJG-004"}},
		{name: "city-phone", url: where.City + "/#halls", width: 390, height: 844, login: "viewer"},
		{name: "appointment-halls-zh", url: book + "?lang=zh", width: 390, height: 844, clicks: []string{"other-halls"}},
	}
}
