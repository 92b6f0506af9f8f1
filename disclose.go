package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"yitang/server"
	"yitang/server/hall"
	"yitang/server/person"
)

type discloseCmd struct {
	dirFlag
	Kind  string `enum:"id,company" default:"id" help:"id or company."`
	Proof string `required:"" help:"What was looked at, for the access record: 身份证原件，本人到场."`
	By    string `required:"" help:"Who looks it up, for the access record."`

	Number string `kong:"-"` // of the person, on its way to a hall that runs
}

func (discloseCmd) Help() string {
	return "Example: yitang disclose --dir /var/lib/yitang --proof 身份证原件，本人到场 --by 张三\n\nPrints everything that is kept about a person, as JSON. The number is " +
		"asked for and read from the standard input, so that it is in no history of commands. Works whether the hall runs or not; in a running one the manager can do it, too."
}

// Run asks for the number.
func (c *discloseCmd) Run(ctx context.Context, w out) error {
	if err := there(c.Dir); err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, "证件号码: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if c.Number = strings.TrimSpace(line); c.Number == "" {
		return errors.Join(errors.New("disclose: no number on the standard input"), err)
	}
	return visit(ctx, c.Dir, "disclose", c, w)
}

// do writes the access record and then prints.
func (c *discloseCmd) do(ctx context.Context, o *office, w io.Writer) error {
	n, err := person.Parse(person.Kind(c.Kind), c.Number)
	var wrong *person.Error
	if errors.As(err, &wrong) {
		return errors.New("disclose: " + wrong.Message)
	}
	if err != nil {
		return err
	}
	key, err := server.OpenKey(ctx, o.data, o.dir)
	if err != nil {
		return err
	}
	who := string(key.Pseudonym(n.Kind(), n.Normal()))
	if err := o.record(ctx, hall.RecordAccess{What: hall.PersonDisclosed, User: who, Note: c.By + "：" + c.Proof}, nil); err != nil {
		return err
	}
	held, err := o.data.Held(ctx, who)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(held)
}
