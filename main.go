// Yitang (一趟) runs a government service hall: ticket kiosks, call screens, clerks' windows, and the figures of it all.
// One binary with a subcommand for each part; this package wires the parts and holds no rule.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	_ "time/tzdata" // a kiosk PC may lack the zones

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"

	"yitang/db"
)

// cli is the command line.
type cli struct {
	Serve    serveCmd    `cmd:"" help:"Run the hall server."`
	Kiosk    kioskCmd    `cmd:"" help:"Run the agent of a ticket kiosk, on the kiosk's own PC."`
	Display  displayCmd  `cmd:"" help:"Follow a screen of the hall and announce its calls."`
	Demo     demoCmd     `cmd:"" help:"Run a whole hall with simulated devices and people."`
	Import   importCmd   `cmd:"" help:"Adopt the hall's own lists, or take over the history of a hall from exchange files."`
	Backup   backupCmd   `cmd:"" help:"Copy a hall, which may go on working, and verify the copy."`
	Restore  restoreCmd  `cmd:"" help:"Make a hall of a backup."`
	Purge    purgeCmd    `cmd:"" help:"Take persons out of what is older than the hall's retention."`
	Disclose discloseCmd `cmd:"" help:"Print everything that is kept about a person, on proof."`
	Promote  promoteCmd  `cmd:"" help:"Make the standby the primary."`
	Export   exportCmd   `cmd:"" help:"Write the hall's tickets and cases as exchange files."`
	Runonce  runonceCmd  `cmd:"" help:"Judge from tickets and cases whether people had to come only once."`
	Heads    headsCmd    `cmd:"" help:"Export the signed head of each business day."`
	Verify   verifyCmd   `cmd:"" help:"Walk the journal's hash chain and compare the projections with it."`
	Device   deviceCmd   `cmd:"" help:"Look at the devices on this PC's serial ports, for the installer."`
	Bench    benchCmd    `cmd:"" help:"Measure this machine: a server of its own under load."`
	City     cityCmd     `cmd:"" help:"Run a city of many halls, and admit halls to it."`
	Join     joinCmd     `cmd:"" help:"Make a hall a hall of a city."`
	Admin    adminCmd    `cmd:"" help:"Accounts, devices, settings, webhooks and the clock of a hall, whether it runs or not."`

	whatifCmds
	Forecast forecastCmd `cmd:"" help:"Judge waiting-time forecasts on a history of tickets."`

	Verbose bool             `short:"v" help:"Log more."`
	LogJSON bool             `name:"log-json" env:"YITANG_LOG_JSON" help:"Log a JSON object a line, for a log collector."`
	Version kong.VersionFlag `help:"Say which Yitang this is."`
}

// dirFlag is the folder of a hall's data, the same flag everywhere.
type dirFlag struct {
	Dir string `required:"" placeholder:"DIR" help:"Folder of the hall's data."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// out is where a command writes its results.
type out struct{ io.Writer }

// aside is where a command says what belongs to no result: a warning beside figures that programs read.
type aside struct{ io.Writer }

// exitCode ends a command that has said already what went wrong.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// run parses and runs one command line. The result is the exit code: 0, 1 for a failure, 2 for unusable arguments.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("yitang"), kong.Writers(stdout, stderr), kong.UsageOnError(), kong.Vars{"version": version()},
		kong.Description("Queue and kiosk system for government service halls (一趟)."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.ValueFormatter(withDefault), kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintln(stderr, "yitang:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if exit >= 0 { // --help has been answered
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "yitang:", plainly(err))
		fmt.Fprintln(stderr, "Try:", helpFor(err))
		return 2
	}
	k.BindTo(ctx, (*context.Context)(nil))
	kept := &keptError{Writer: stdout}
	err = k.Run(logger(stderr, c.Verbose, c.LogJSON), out{kept}, aside{stderr})
	if failed := kept.failed.Load(); err == nil && failed != nil {
		err = *failed
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	if err != nil {
		fmt.Fprintln(stderr, "yitang:", err)
		if s := db.Trouble(err); s != "" {
			fmt.Fprintln(stderr, s)
		}
		return 1
	}
	return 0
}

// keptError remembers the first write that failed: a result that nobody got is no success, whoever printed it.
type keptError struct {
	io.Writer
	failed atomic.Pointer[error]
}

func (k *keptError) Write(b []byte) (int, error) {
	n, err := k.Writer.Write(b)
	if err != nil {
		k.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// withDefault adds the default to a flag's help where its placeholder hides it.
func withDefault(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.HasDefault && v.Default != "" && v.Flag != nil && v.Flag.PlaceHolder != "" {
		help = strings.TrimSuffix(help, ".") + " (" + v.Default + " unless said)."
	}
	return help
}

// plainly is what could not be parsed. The parser tells of a file by the system's call alone. It takes a negative number for a short flag and advises another way to write it,
// where none of ours but a place on the map, which is a float, may be negative.
func plainly(err error) string {
	said := err.Error()
	if file := (*fs.PathError)(nil); errors.As(err, &file) {
		name := strings.TrimSuffix(said, ": "+file.Error())
		if errors.Is(file, fs.ErrNotExist) {
			return fmt.Sprintf("%s: there is no file %s; give the path of one", name, file.Path)
		}
		return fmt.Sprintf("%s: %s cannot be read: %v", name, file.Path, file.Err)
	}
	flag, rest, _ := strings.Cut(said, ": expected ")
	kind, rest, _ := strings.Cut(rest, " value but got ")
	value, _, dashed := strings.Cut(rest, " (short flag)")
	if _, got, ok := strings.Cut(said, ": expected duration but got "); ok {
		got, _, _ = strings.Cut(got, ": time: ")
		return fmt.Sprintf("%s: %s is no duration; write 30s, 15m or 6h", flag, got)
	}
	if dashed && (kind == "int" || kind == "uint" || kind == "duration") {
		return fmt.Sprintf("%s: %s is not possible, it must not be negative", flag, strings.Trim(value, `"`))
	}
	return said
}

// helpFor is the command that explains what could not be parsed.
func helpFor(err error) string {
	words := []string{"yitang"}
	var p *kong.ParseError
	if errors.As(err, &p) {
		for _, step := range p.Context.Path {
			if step.Command != nil {
				words = append(words, step.Command.Name)
			}
		}
	}
	return strings.Join(append(words, "--help"), " ")
}

// version is the module's version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "yitang (unknown build)"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value
		}
	}
	return "yitang " + v
}

func logger(w io.Writer, verbose, asJSON bool) zerolog.Logger {
	level := zerolog.InfoLevel
	if verbose {
		level = zerolog.DebugLevel
	}
	if !asJSON {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: "15:04:05", NoColor: !terminal(w)}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

// terminal says whether somebody looks at it: colours in the system's journal break what is searched for.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
