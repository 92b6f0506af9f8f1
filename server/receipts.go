package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/drivers/escpos"
	"yitang/kiosk"
	"yitang/server/api"
	"yitang/server/hall"
	"yitang/server/wire"
)

// receiptFile holds the hall's own template of a ticket, see docs/receipt.md.
const receiptFile = "receipt.txt"

// receipts reads the template when it has changed, so that it can be tried without stopping the hall. One with a mistake is
// not handed to the kiosks.
type receipts struct {
	path string
	now  func() time.Time
	log  zerolog.Logger

	mu     sync.Mutex
	read   os.FileInfo // what was read; nil = nothing
	source string
	wrong  error // of source
}

var _ api.Receipts = (*receipts)(nil)

func newReceipts(dir string, now func() time.Time, log zerolog.Logger) *receipts {
	return &receipts{path: filepath.Join(dir, receiptFile), now: now, log: log}
}

// Template is what the kiosks are to print with.
func (r *receipts) Template() string {
	source, err := r.newest()
	if err != nil {
		return ""
	}
	return source
}

// Preview draws a ticket.
func (r *receipts) Preview(c wire.Catalogue, language string, columns int) ([]byte, error) {
	source, err := r.newest()
	if err != nil {
		return nil, err
	}
	c.Receipt = source
	png, err := kiosk.Preview(c, language, columns, r.now())
	return png, explained(err)
}

// newest is the template and what is wrong with it.
func (r *receipts) newest() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.path)
	if errors.Is(err, os.ErrNotExist) {
		r.read, r.source, r.wrong = nil, "", nil
		return "", nil
	}
	if err == nil && r.read != nil && info.ModTime().Equal(r.read.ModTime()) && info.Size() == r.read.Size() {
		return r.source, r.wrong
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(r.path)
	}
	if r.read, r.source, r.wrong = info, string(b), err; err == nil {
		_, err = kiosk.Preview(wire.Catalogue{Receipt: r.source}, "zh", 48, r.now())
		r.wrong = explained(err)
	}
	if r.wrong != nil {
		r.log.Error().Err(r.wrong).Str("file", r.path).Msg("the hall's receipt template is not used")
	}
	return r.source, r.wrong
}

// explained says a mistake in a template to the manager.
func explained(err error) error {
	var line *escpos.LineError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &line):
		return &hall.Error{Code: hall.CodeInvalid, Message: fmt.Sprintf("号票模板（%s）第 %d 行 %q 有误：%v", receiptFile, line.Line, line.Text, line.Err)}
	case errors.Is(err, escpos.ErrEndless):
		return &hall.Error{Code: hall.CodeInvalid, Message: fmt.Sprintf("号票模板（%s）重复得太多：请检查 {{range …}} 的次数，以及 {{template …}} 是否调用了自己", receiptFile)}
	}
	return &hall.Error{Code: hall.CodeInvalid, Message: fmt.Sprintf("号票模板（%s）有误：%v", receiptFile, err)}
}
