package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"yitang/city"
	"yitang/city/join"
	"yitang/city/line"
	"yitang/city/outbox"
	"yitang/city/register"
	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/catalogue"
	"yitang/server/cert"
	"yitang/server/hall"
	"yitang/web"
)

type cityCmd struct {
	Run      cityRunCmd      `cmd:"" default:"withargs" help:"Run the city: the line to its halls, the intake, the pages."`
	New      cityNewCmd      `cmd:"" help:"Make a city in a folder."`
	Enrol    cityEnrolCmd    `cmd:"" help:"Admit a hall: answer its request."`
	Revoke   cityRevokeCmd   `cmd:"" help:"Take a hall's credential away, at once."`
	Renew    cityRenewCmd    `cmd:"" help:"Let a hall send its journal again from the beginning, as after a restore from a backup."`
	Rotate   cityRotateCmd   `cmd:"" help:"Change the key under which persons are sealed; every hall sends its journal again."`
	Halls    cityHallsCmd    `cmd:"" help:"List the halls of the register."`
	User     cityUserCmd     `cmd:"" help:"Make a user of the city's pages, or give one a new password, and print it."`
	Standard cityStandardCmd `cmd:"" help:"Publish a catalogue (一事项一标准) from matters.csv."`
	Config   cityConfigCmd   `cmd:"" help:"Print the credentials for the configuration of an existing NATS cluster."`
	Rebuild  cityRebuildCmd  `cmd:"" help:"Throw the database's tables away and make them again from the stream, then go on as run."`
}

// cityDir is the folder of a city's data.
type cityDir struct {
	Dir string `required:"" placeholder:"DIR" help:"Folder of the city's data."`
}

// change loads the register, changes it and keeps it; a running city notices within seconds.
func (c *cityDir) change(do func(r *register.Register) error) error {
	_, err := register.Change(c.Dir, do)
	return err
}

type cityRunCmd struct {
	cityDir
	Listen   string `default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"Address of the pages."`
	Line     string `default:"0.0.0.0:4222" placeholder:"HOST:PORT" help:"Address on which halls reach the embedded server; TLS unless it is loopback."`
	Database string `placeholder:"postgres://…" help:"A PostgreSQL database; without, the city runs one of its own in DIR."`
	NATS     string `name:"nats" placeholder:"URL" help:"An existing NATS cluster with JetStream in place of the embedded server."`
	Replicas int    `default:"1" help:"Copies of the stream in that cluster."`
	Workers  int    `default:"4" help:"Transactions that write into the database at once."`
	TLS      string `enum:"auto,on,off" default:"auto" help:"Of the pages. auto: HTTPS unless only this machine can reach them."`
}

func (cityRunCmd) Help() string {
	return "Example: yitang city run --dir /var/lib/yitang-city --line 0.0.0.0:4222 --database postgres://yitang@db/city\n\n" +
		"First: yitang city new --dir DIR 昌吉 --url tls://city.example:4222"
}

// Run runs the city until Ctrl-C.
func (c *cityRunCmd) Run(ctx context.Context, log zerolog.Logger) error {
	return c.run(ctx, log, false)
}

// gcPercentCity lets the heap grow before it is swept: batches come and go.
const gcPercentCity = 200

func (c *cityRunCmd) run(ctx context.Context, log zerolog.Logger, rebuild bool) error {
	debug.SetGCPercent(gcPercentCity)
	cfg := city.Config{Dir: c.Dir, Line: c.Line, NATS: c.NATS, Replicas: c.Replicas, Database: c.Database, Workers: c.Workers, Listen: c.Listen,
		Pages: web.Pages(), Rebuild: rebuild, Log: log}
	r, err := register.Load(c.Dir)
	if err != nil {
		return err
	}
	if c.NATS == "" && !cert.Loopback(c.Line) {
		if cfg.LineTLS, err = cert.Config(c.Dir, names(r.URLs, c.Line), time.Now); err != nil {
			return err
		}
	}
	if c.TLS == "on" || c.TLS == "auto" && !cert.Loopback(c.Listen) {
		if cfg.TLS, err = cert.Config(c.Dir, names(r.URLs, c.Listen), time.Now); err != nil {
			return err
		}
	}
	cfg.Ready = func(pages net.Addr, lineURL string) {
		log.Info().Str("pages", pages.String()).Str("line", lineURL).Int("halls", len(r.Halls)).Msg("the city is open")
	}
	return city.Run(ctx, cfg)
}

type cityRebuildCmd struct{ cityRunCmd }

func (cityRebuildCmd) Help() string {
	return "Example: yitang city rebuild --dir /var/lib/yitang-city\n\nThe stream is the truth: positions, tickets, cases and figures are thrown away and taken in again. No other city may run meanwhile."
}

// Run rebuilds and goes on.
func (c *cityRebuildCmd) Run(ctx context.Context, log zerolog.Logger) error {
	return c.run(ctx, log, true)
}

type cityNewCmd struct {
	cityDir
	Name string   `arg:"" help:"Name of the city."`
	URL  []string `required:"" placeholder:"tls://HOST:PORT" help:"Where halls reach the line; several for a cluster."`
	CA   string   `name:"ca" placeholder:"FILE" help:"Certificate of the authority of a cluster's certificates, where it is not the city's own; public for one that every system trusts."`
}

func (cityNewCmd) Help() string {
	return "Example: yitang city new --dir /var/lib/yitang-city 昌吉 --url tls://city.example:4222"
}

// Run makes the city.
func (c *cityNewCmd) Run(w out) error {
	ca := c.CA
	if ca != "" && ca != register.Public {
		if _, err := cert.Trust(ca); err != nil {
			return err
		}
		text, err := os.ReadFile(ca) // #nosec G304 -- the owner names it on the command line
		if err != nil {
			return err
		}
		ca = string(text)
	}
	r, err := register.Create(c.Dir, c.Name, c.URL)
	if err != nil {
		return err
	}
	if r.CA = ca; ca != "" {
		if err := r.Save(c.Dir); err != nil {
			return err
		}
	}
	if _, err := cert.Config(c.Dir, names(c.URL, ""), time.Now); err != nil { // so that the first answer has the authority in it
		return err
	}
	fmt.Fprintf(w, "%s: made in %s. Keep %s apart when all halls are enrolled: with it and a hall's number somebody could test guesses.\n",
		c.Name, c.Dir, filepath.Join(c.Dir, register.SharedFile))
	return nil
}

type cityEnrolCmd struct {
	cityDir
	Request string   `arg:"" type:"existingfile" help:"What yitang join --dir HALL printed in the hall."`
	Level   string   `enum:"city,township,village" default:"township" help:"city, township or village."`
	Address string   `help:"Where people find it."`
	Lat     *float64 `help:"Latitude, degrees."`
	Lon     *float64 `help:"Longitude, degrees."`
}

func (cityEnrolCmd) Help() string {
	return "Example: yitang city enrol --dir /var/lib/yitang-city changji.request --level city --address 延安北路 > changji.answer\n\n" +
		"The answer is sealed to the hall: it may go by mail. Compare the request's fingerprint with the hall on the telephone."
}

// Run answers a hall's request.
func (c *cityEnrolCmd) Run(w out) error {
	data, err := os.ReadFile(c.Request) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return err
	}
	var q join.Request
	if err := json.Unmarshal(data, &q); err != nil {
		return fmt.Errorf("city enrol: %s is no request: %w", c.Request, err)
	}
	var a *join.Answer
	err = (&c.cityDir).change(func(r *register.Register) error {
		if a, err = r.Enrol(c.Dir, &q, time.Now().UTC()); err != nil {
			return err
		}
		m := r.Halls[q.Hall]
		m.Level = c.Level
		if c.Address != "" {
			m.Address = c.Address
		}
		if c.Lat != nil && c.Lon != nil {
			m.Lat, m.Lon = c.Lat, c.Lon
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: admitted; its key is %s\n", q.Hall, q.User)
	return json.NewEncoder(w).Encode(a)
}

type cityRevokeCmd struct {
	cityDir
	Hall string `arg:"" help:"Name of the hall."`
}

func (cityRevokeCmd) Help() string {
	return "Example: yitang city revoke --dir /var/lib/yitang-city changji"
}

// Run takes a credential away.
func (c *cityRevokeCmd) Run() error {
	return c.change(func(r *register.Register) error { return r.Revoke(hall.ID(c.Hall)) })
}

type cityRenewCmd struct {
	cityDir
	Hall string `arg:"" help:"Name of the hall."`
}

func (cityRenewCmd) Help() string {
	return "Example: yitang city renew --dir /var/lib/yitang-city changji"
}

// Run begins a hall's account anew.
func (c *cityRenewCmd) Run() error {
	return c.change(func(r *register.Register) error { return r.Renew(hall.ID(c.Hall)) })
}

type cityRotateCmd struct{ cityDir }

func (cityRotateCmd) Help() string {
	return "Example: yitang city rotate --dir /var/lib/yitang-city\n\nEach hall fetches the new key, sealed to it, when its line is up, and sends its journal again under it; until then the city has it under the old one."
}

// Run changes the key.
func (c *cityRotateCmd) Run() error {
	return c.change(func(r *register.Register) error { r.Rotate(); return nil })
}

type cityHallsCmd struct {
	cityDir
	JSON bool `name:"json" help:"Print as JSON."`
}

func (cityHallsCmd) Help() string {
	return "Example: yitang city halls --dir /var/lib/yitang-city --json"
}

// Run lists the halls.
func (c *cityHallsCmd) Run(w out) error {
	r, err := register.Load(c.Dir)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(r.Halls)
	}
	for id, m := range r.Halls {
		state := "admitted"
		if m.Revoked {
			state = "revoked"
		}
		fmt.Fprintf(w, "%-20s %-10s generation %d  %s  %s\n", id, m.Level, m.Gen, state, m.User)
	}
	return nil
}

type cityUserCmd struct {
	cityDir
	User string `arg:"" help:"User to log in as."`
	Name string `placeholder:"NAME" help:"Of the person."`
	Role string `enum:"viewer,editor,admin," default:"" help:"viewer looks; editor also publishes the catalogue; admin also opens accounts. A new user is a viewer without; an old one keeps the role."`
}

func (cityUserCmd) Help() string {
	return "Example: yitang city user --dir /var/lib/yitang-city wang --role admin\n\nThe first one should be an admin: the others are opened on the page."
}

// Run makes the user with a password that it draws.
func (c *cityUserCmd) Run(w out) error {
	password := account.NewPassword()
	err := c.change(func(r *register.Register) error {
		u, known := r.Users[c.User]
		if c.Role != "" {
			u.Role = register.Role(c.Role)
		} else if !known {
			u.Role = register.Viewer
		}
		u.Name, u.Closed = cmp.Or(c.Name, u.Name, c.User), false
		u.SetPassword(account.HashPassword(password), false)
		r.Users[c.User] = u
		return nil
	})
	if err == nil {
		fmt.Fprintf(w, "%s: password %s\n", c.User, password)
	}
	return err
}

type cityStandardCmd struct {
	Lists string `arg:"" type:"existingdir" placeholder:"FOLDER" help:"Folder with lists as a hall imports them; its matters become the catalogue."`
	City  string `default:"http://127.0.0.1:8090" placeholder:"URL" help:"The city's pages."`
	From  string `required:"" placeholder:"DAY" help:"First business day on which halls work by it, YYYY-MM-DD."`
	Note  string `help:"What has changed."`
	User  string `required:"" help:"User of the city's pages; the password is read from the input."`
	CA    string `type:"existingfile" help:"The city's tls-ca.pem, where the pages speak HTTPS by the city's own authority."`
}

func (cityStandardCmd) Help() string {
	return "Example: yitang city standard ./city-lists --from 2026-12-01 --user wang < password.txt"
}

// Run publishes a catalogue through the city's API.
func (c *cityStandardCmd) Run(ctx context.Context, w out) error {
	layout, err := catalogue.Load(os.DirFS(c.Lists))
	if err != nil {
		return err
	}
	password, err := io.ReadAll(io.LimitReader(os.Stdin, 1<<10))
	if err != nil {
		return err
	}
	client := city.Client{URL: c.City, CA: c.CA, User: c.User, Password: strings.TrimSpace(string(password))}
	version, err := client.Publish(ctx, &outbox.Standard{From: hall.Day(c.From), Note: c.Note, Matters: layout.Matters})
	if err == nil {
		fmt.Fprintf(w, "version %d of the catalogue: %d matters, from %s on\n", version, len(layout.Matters), c.From)
	}
	return err
}

type cityConfigCmd struct{ cityDir }

func (cityConfigCmd) Help() string {
	return "Example: yitang city config --dir /var/lib/yitang-city > halls.conf\n\nInclude it in each server's configuration and reload after every change of the register."
}

// Run prints the credentials.
func (c *cityConfigCmd) Run(w out) error {
	r, err := register.Load(c.Dir)
	if err != nil {
		return err
	}
	public, err := r.PublicKey()
	if err != nil {
		return err
	}
	fmt.Fprint(w, line.ServerConfig(public, r.Credentials()))
	return nil
}

type joinCmd struct {
	dirFlag
	Answer string `arg:"" optional:"" type:"existingfile" help:"The city's answer; without, the request is printed."`
}

func (joinCmd) Help() string {
	return "Example: yitang join --dir /var/lib/yitang > changji.request, then, with what the city answers:\n" +
		"yitang join --dir /var/lib/yitang changji.answer and yitang serve --dir /var/lib/yitang --city pass\n\n" +
		"The hall must not be running. The answer brings the key of the pseudonyms that the city's halls share: what the hall\n" +
		"has under its own key stays, but its people are strangers to what comes after."
}

// Run asks, or takes the answer.
func (c *joinCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what it wrote is on disk
	if c.Answer == "" {
		return c.ask(ctx, data, w)
	}
	return c.accept(ctx, data, w)
}

func (c *joinCmd) ask(ctx context.Context, data *db.DB, w out) error {
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	l := eng.View().Layout
	r, err := join.Ask(c.Dir, l.Hall, l.Name["zh"])
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s asks with the key %s; the city sees the same one\n", r.Hall, r.User)
	return json.NewEncoder(w).Encode(r)
}

func (c *joinCmd) accept(ctx context.Context, data *db.DB, w out) error {
	text, err := os.ReadFile(c.Answer) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return err
	}
	var a join.Answer
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("join: %s is no answer: %w", c.Answer, err)
	}
	p, err := join.Load(c.Dir)
	if errors.Is(err, join.ErrNone) {
		return fmt.Errorf("join: this hall has not asked: run yitang join --dir %s first", c.Dir)
	}
	if err != nil {
		return err
	}
	g, err := p.Open(&a)
	if err != nil {
		return err
	}
	if err := server.ShareKey(ctx, data, c.Dir, g.Person); err != nil {
		return err
	}
	if err := p.Accept(c.Dir, g); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s belongs to %s now: yitang serve --dir %s --city pass\n", g.Hall, g.City, c.Dir)
	peers, err := data.Mark(ctx, db.MarkPeers)
	if err == nil && len(peers) > len("[]") {
		fmt.Fprintln(os.Stderr, "its standby has the former key: let it follow anew into an empty folder")
	}
	return err
}

// names tells the hosts that a certificate must name: those of the addresses that clients are told, and of the listener.
func names(urls []string, listen string) func() ([]string, error) {
	return func() ([]string, error) {
		var list []string
		for _, u := range urls {
			if h := hostOf(u); h != "" {
				list = append(list, h)
			}
		}
		if more, err := cert.Hosts(listen); listen != "" && err == nil {
			list = append(list, more...)
		}
		if len(list) == 0 {
			list = []string{"localhost"}
		}
		return list, nil
	}
}

// hostOf is the host of an address such as tls://city.example:4222; empty for one that has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
