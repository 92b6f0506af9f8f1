package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"

	"yitang/db"
	"yitang/server"
	"yitang/server/engine"
	"yitang/server/hall"
)

// errand is a command on a hall's data. Run of each hands it to visit, which has it done in this process where the hall is
// stopped, and in the hall's own where it runs: its fields cross as JSON.
type errand interface {
	do(ctx context.Context, o *office, w io.Writer) error
}

// office is where errands are done: a hall with who is at its console.
type office struct {
	dir     string
	data    *db.DB
	hall    server.ConsoleHall
	running bool
	by      hall.Actor
	told    func(user string) // hears of each user whose rights have changed
}

// errands are those that cross, by the name under which they do.
func errands(name string) errand {
	switch name {
	case "user":
		return new(userCmd)
	case "users":
		return new(usersCmd)
	case "device":
		return new(adminDeviceCmd)
	case "devices":
		return new(devicesCmd)
	case "settings":
		return new(settingsCmd)
	case "webhook":
		return new(webhookCmd)
	case "clock":
		return new(clockCmd)
	case "purge":
		return new(purgeCmd)
	case "disclose":
		return new(discloseCmd)
	}
	return nil
}

// crossing is an errand on its way to the hall's process.
type crossing struct {
	Name   string          `json:"name"`
	Errand json.RawMessage `json:"errand"`
}

// visit has an errand done in the hall of a folder, whether the hall runs or not.
func visit(ctx context.Context, dir, name string, e errand, w out) error {
	data, eng, err := openStill(ctx, dir, openHall)
	if errors.Is(err, db.ErrInUse) {
		return send(ctx, dir, name, e, w)
	}
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was done is committed
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- eng.Run(ctx) }()
	err = e.do(ctx, &office{dir: dir, data: data, hall: eng, by: console(), told: func(string) {}}, w)
	stop()
	return errors.Join(err, <-ended)
}

// send has it done by the process that runs the hall.
func send(ctx context.Context, dir, name string, e errand, w out) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	body, err = json.Marshal(crossing{name, body})
	if err != nil {
		return err
	}
	said, err := server.Visit(ctx, dir, body)
	if errors.Is(err, server.ErrNoConsole) {
		return fmt.Errorf("%s: what works on this folder takes no errands: a standby, or a server that another has replaced (do it at the primary), a yitang "+
			"of an older version (stop the hall first), or another command such as import (wait for it)", dir)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(said)
	return err
}

// atConsole does the errands that others send to a hall that runs here.
func atConsole(ctx context.Context, v server.ConsoleVisit) ([]byte, error) {
	var c crossing
	if err := json.Unmarshal(v.Errand, &c); err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	e := errands(c.Name)
	if e == nil {
		return nil, fmt.Errorf("admin: the hall that runs is of another version and does not know %s: start it anew", c.Name)
	}
	if err := json.Unmarshal(c.Errand, e); err != nil {
		return nil, fmt.Errorf("admin %s: %w", c.Name, err)
	}
	var said bytes.Buffer
	err := e.do(ctx, &office{dir: v.Dir, data: v.Data, hall: v.Hall, running: true, by: consoleOf(v.UID), told: v.Told}, &said)
	return said.Bytes(), err
}

// console is who sits at the server itself: whoever can write to the hall's folder can do what the three administrators
// can, and stands in the journal with it.
func console() hall.Actor {
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return "console:unknown"
	}
	return hall.Actor("console:" + u.Username)
}

// consoleOf is who came by the hall's socket, as the kernel says.
func consoleOf(uid uint32) hall.Actor {
	u, err := user.LookupId(fmt.Sprint(uid))
	if err != nil || u.Username == "" {
		return hall.Actor(fmt.Sprintf("console:uid-%d", uid))
	}
	return hall.Actor("console:" + u.Username)
}

// command has the hall do something, with what is changed beside it.
func (o *office) command(ctx context.Context, cmd hall.Command, beside any) error {
	_, err := o.hall.Do(ctx, engine.Request{Actor: o.by, Command: cmd, Beside: beside})
	return err
}

// record writes an act into the journal together with what it changes.
func (o *office) record(ctx context.Context, r hall.RecordAccess, beside any) error {
	r.Source = "console"
	if err := o.command(ctx, r, beside); err != nil {
		return err
	}
	o.told(r.User)
	return nil
}
