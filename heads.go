package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"yitang/server/hall"
	"yitang/server/heads"
)

type headsCmd struct {
	dirFlag
	To string `placeholder:"FILE" help:"Write them to a file instead of printing them."`
}

func (headsCmd) Help() string {
	return "Example: yitang heads --dir /var/lib/yitang --to /media/usb/heads.jsonl\n\nThe signed head of each business day. Keep them outside the hall: " +
		"yitang verify --heads FILE then finds also a journal that was written anew as a whole. May run beside the working hall."
}

// Run exports the heads.
func (c *headsCmd) Run(ctx context.Context, w out, said aside) error {
	data, err := readHall(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // only read
	list, err := data.Heads(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(said, "no business day has ended yet: there is no head to keep")
	}
	if c.To == "" {
		return heads.Write(w, list)
	}
	return writeFile(c.To, func(f io.Writer) error { return heads.Write(f, list) })
}

// readHeads reads exported heads; none without a file.
func readHeads(path string) ([]hall.HeadSigned, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path) // #nosec G304 -- the owner names it on the command line
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := heads.Read(f)
	if err != nil {
		err = fmt.Errorf("--heads %s: %w; name a file that yitang heads has written", path, err)
	} else if len(list) == 0 { // nothing would have been compared, and the verdict would look as if it had
		err = fmt.Errorf("--heads %s: no head is in it; name a file that yitang heads has written", path)
	}
	return list, err
}
