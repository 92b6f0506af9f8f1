package escpos_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/sys/unix"

	"yitang/drivers/escpos"
	"yitang/drivers/sim"
)

// outsideAddress is one of this machine's own addresses; receiptio always speaks to port 9100.
const outsideAddress = "127.0.0.91"

// TestOutsideClient lets receiptio, a client that others wrote, print on the simulated printer: it believes our status
// bytes, and what it prints is read by our decoder. It fetches two packages from npm, so it runs only on demand.
func TestOutsideClient(t *testing.T) {
	if os.Getenv("YITANG_OUTSIDE") != "1" {
		t.Skip("needs npm and the network: YITANG_OUTSIDE=1")
	}
	client := installReceiptio(t)
	p, err := sim.NewPrinter(sim.PrinterOptions{Maker: "Yitang", Model: "Simulator"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	bridge(t, p.Path())
	const receipt = "^^^取号凭条\nA012 | 市场监管\n{code:https://hall.example.gov.cn/t/abc; option:qrcode,6,m}\n扫码\n\n{code:YT-A012; option:code128,2,72}\n"
	for _, c := range []struct {
		name         string
		fault        sim.Fault
		query, print string
	}{
		{"well", sim.Fault{}, "online", "success"},
		{"near end", sim.Fault{Kind: sim.PaperLow, On: true}, "online", "success"},
		{"paper out", sim.Fault{Kind: sim.PaperOut, On: true}, "paperempty", "paperempty"},
		{"cover open", sim.Fault{Kind: sim.CoverOpen, On: true}, "coveropen", "coveropen"},
		{"knife jammed", sim.Fault{Kind: sim.CutterError, On: true}, "error", "error"},
		{"knife freed by the DLE ENQ of the question", sim.Fault{Kind: sim.CutterError, On: true, N: 1}, "error", "success"},
		{"head hot", sim.Fault{Kind: sim.HeadHot, On: true}, "error", "error"},
		{"well again", sim.Fault{}, "online", "success"},
	} {
		p.Heal()
		if c.fault.Kind != "" {
			if err := p.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
		}
		before := len(p.Receipts())
		if got := client(t, "", "-q", "printer"); got != c.query {
			t.Errorf("%s: asked, it says %q, want %q", c.name, got, c.query)
		}
		if got := client(t, receipt, "-l", "zh", "-c", "48"); got != c.print {
			t.Errorf("%s: printing, it says %q, want %q", c.name, got, c.print)
		}
		all := p.Receipts()[before:]
		if (len(all) == 1) != (c.print == "success") {
			t.Fatalf("%s: %d receipts", c.name, len(all))
		}
		t.Logf("%-45s asked: %-12s printing: %-12s receipts: %d", c.name, c.query, c.print, len(all))
		if len(all) == 1 {
			checkOutside(t, all[0])
		}
	}
}

func checkOutside(t *testing.T, d escpos.Document) {
	t.Helper()
	if !strings.Contains(d.Text(), "A012") || !strings.Contains(d.Text(), "市场监管") || !d.Cut() {
		t.Errorf("cut %v\n%s", d.Cut(), d.Text())
	}
	if bars := d.Barcodes(); len(bars) != 1 || bars[0] != "YT-A012" {
		t.Errorf("barcodes %q", bars)
	}
	// It sends the QR code as a picture: what our decoder and drawing make of it must still be a code.
	r := escpos.NewRenderer()
	defer r.Close()
	img, err := r.Render(d, escpos.ProfileFor(escpos.Generic80))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, img)
	if got := scan(t, img, qrcode.NewQRCodeReader()); got != "https://hall.example.gov.cn/t/abc" {
		t.Errorf("scanned %q", got)
	}
}

// installReceiptio gives a function that runs receiptio against outsideAddress and returns its last word.
func installReceiptio(t *testing.T) func(t *testing.T, receipt string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	npm := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "receiptio@2.1.2", "receiptline@4.0.4")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm: %v\n%s", err, out)
	}
	return func(t *testing.T, receipt string, args ...string) string {
		t.Helper()
		file := filepath.Join(dir, "receipt")
		if err := os.WriteFile(file, []byte(receipt), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		args = append([]string{"-d", outsideAddress}, args...)
		if receipt != "" {
			args = append(args, file)
		}
		cmd := exec.CommandContext(ctx, filepath.Join(dir, "node_modules", ".bin", "receiptio"), args...)
		out, err := cmd.CombinedOutput()
		if ctx.Err() != nil || len(out) == 0 {
			t.Fatalf("receiptio: %v, %q", err, out) // its exit code repeats its last word
		}
		return strings.TrimSpace(string(out))
	}
}

// bridge joins port 9100 to the printer's line, one client at a time, as a serial server does.
func bridge(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("tcp", outsideAddress+":9100")
	if err != nil {
		t.Fatal(err)
	}
	line, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serveOne(line, conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
		_ = line.Close()
	})
}

func serveOne(line *os.File, conn net.Conn) {
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(conn, line) // until the deadline below
	}()
	_, _ = io.Copy(line, conn) // until the client hangs up
	_ = line.SetReadDeadline(time.Now())
	<-back
	_ = line.SetReadDeadline(time.Time{})
	_ = conn.Close()
}
