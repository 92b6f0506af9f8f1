// Command gen computes the figures of demo/profile from the tickets of real days, which are not part of the project:
//
//	go run ./demo/profile/gen tickets.csv > demo/profile/profile.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"yitang/demo/profile"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: gen tickets.csv > profile.json")
	}
	f, err := os.Open(args[0]) // #nosec G703 -- the owner's own file
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := profile.Measure(f)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}
