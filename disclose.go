package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
}

func (discloseCmd) Help() string {
	return "Example: yitang disclose --dir /var/lib/yitang --proof 身份证原件，本人到场 --by 张三\n\nPrints everything that is kept about a person, as JSON. The number is " +
		"asked for and read from the standard input, so that it is in no history of commands. The hall must not be running; in a running one the manager does it."
}

// Run writes the access record and then prints.
func (c *discloseCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // the record is committed
	key, err := server.OpenKey(ctx, data, c.Dir)
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, "证件号码: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		return errors.Join(errors.New("disclose: no number on the standard input"), err)
	}
	n, err := person.Parse(person.Kind(c.Kind), line)
	if err != nil {
		return err
	}
	who := string(key.Pseudonym(n.Kind(), n.Normal()))
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	if err := eng.Alone(ctx, hall.RecordAccess{What: hall.PersonDisclosed, User: who, Source: "console", Note: c.By + "：" + c.Proof}); err != nil {
		return err
	}
	held, err := data.Held(ctx, who)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(held)
}
