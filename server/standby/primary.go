package standby

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server/backup"
	"yitang/server/wire"
)

// Bounds of what a primary does for its standbys.
const (
	maxWait     = 5 * time.Second // that an answer waits for news
	maxPeers    = 8
	pieceSize   = 4 << 20 // bytes
	copyFolder  = "cache" // in the hall's folder; no backup holds it
	copyPrefix  = "standby-"
	maxCopyFile = 1 << 20 // files of one copy
)

// Engine hands the hall over: HandOver returns when the last answered command is on disk.
type Engine interface {
	HandOver(ctx context.Context) error
}

// Primary is the server that takes commands, as its standbys see it.
type Primary struct {
	DB   *db.DB
	Dir  string
	Hall Engine
	News func() (<-chan struct{}, func()) // wakes at every commit
	Log  zerolog.Logger
	// Fenced is called once when another server has taken over; the hall goes on to be shown.
	Fenced func()

	epoch int
	mu    sync.Mutex
	peers []string
	seen  map[string]sight // by address, since the start
	moved *wire.Fence
	copy  string // id of the newest copy
}

// sight is what a primary last saw of a standby.
type sight struct {
	seq   uint64
	asked time.Time
	whole time.Time // it lacked nothing
}

// silent is how long a standby may not ask and still counts as one that follows: it asks at every news, and every second.
const silent = 5 * waitForNews

// Load reads which server this is. It must come before everything else.
func (p *Primary) Load(ctx context.Context) error {
	var err error
	if p.epoch, err = Epoch(ctx, p.DB); err != nil {
		return err
	}
	p.peers, err = peers(ctx, p.DB)
	p.seen = map[string]sight{}
	return errors.Join(err, dropCopies(p.Dir, ""))
}

// Epoch is the epoch that a folder is in; the first is 1.
func Epoch(ctx context.Context, d *db.DB) (int, error) {
	text, err := d.Mark(ctx, db.MarkEpoch)
	if err != nil || text == "" {
		return 1, err
	}
	return strconv.Atoi(text)
}

func peers(ctx context.Context, d *db.DB) ([]string, error) {
	text, err := d.Mark(ctx, db.MarkPeers)
	if err != nil || text == "" {
		return nil, err
	}
	var list []string
	return list, json.Unmarshal([]byte(text), &list)
}

// Epoch is the primary's.
func (p *Primary) Epoch() int { return p.epoch }

// State implements api.Servers.
func (p *Primary) State(seq uint64) wire.ServerState {
	fork, err := p.DB.Mark(context.Background(), db.MarkFork) // before the lock, which every command takes
	p.mu.Lock()
	defer p.mu.Unlock()
	s := wire.ServerState{Role: wire.RolePrimary, Epoch: p.epoch, Seq: seq, Standby: slices.Clone(p.peers)}
	if err == nil {
		s.Fork, _ = strconv.ParseUint(fork, 10, 64) // empty in the first epoch
	}
	if p.moved != nil {
		s.Role, s.Primary = wire.RoleFenced, p.moved.URL
	}
	return s
}

// Followers implements api.Servers: how far each standby is behind the event seq.
func (p *Primary) Followers(seq uint64) []wire.Follower {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []wire.Follower{}
	for _, address := range p.peers {
		s, f := p.seen[address], wire.Follower{Address: address}
		if !s.asked.IsZero() {
			f.Seq, f.Heard, f.Follows = s.seq, s.asked, time.Since(s.asked) < silent
		}
		if f.Behind = seq - min(seq, s.seq); f.Behind > 0 && !s.whole.IsZero() {
			f.BehindS = time.Since(s.whole).Seconds()
		}
		list = append(list, f)
	}
	return list
}

// saw notes that a standby asked; whole that it lacked nothing.
func (p *Primary) saw(c wire.Cursor, whole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, now := p.seen[c.Address], time.Now()
	if s.seq, s.asked = c.Seq, now; whole || s.whole.IsZero() {
		s.whole = now
	}
	p.seen[c.Address] = s
}

// Refusal is why this server takes no command, or nil.
func (p *Primary) Refusal() *wire.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved == nil {
		return nil
	}
	return movedTo(p.moved.URL)
}

func movedTo(url string) *wire.Error {
	return &wire.Error{Status: http.StatusServiceUnavailable, Code: wire.CodeMoved,
		Message: fmt.Sprintf("本服务器已停用：大厅已切换到 %s。请改用新的主服务器。", url)}
}

// Journal implements api.Servers: what a standby lacks, or nil when there was nothing new for as long as it would wait.
func (p *Primary) Journal(ctx context.Context, c wire.Cursor) ([]byte, error) {
	if err := p.meet(ctx, c.Address); err != nil {
		return nil, err
	}
	news, end := p.News() // before the first look, so that nothing falls between
	defer end()
	wait := min(time.Duration(c.WaitMS)*time.Millisecond, maxWait)
	late := time.NewTimer(wait)
	defer late.Stop()
	for {
		data, err := p.DB.Ship(ctx, db.Cursor{Seq: c.Seq, Hash: c.Hash, Place: c.Place, Side: c.Side})
		if errors.Is(err, db.ErrDiverged) {
			return nil, &wire.Error{Status: http.StatusConflict, Code: codeDiverged,
				Message: fmt.Sprintf("备用服务器的第 %d 条记录与主服务器不一致。请把它的数据文件夹移走，重新复制。", c.Seq)}
		}
		if err != nil {
			return nil, err
		}
		if p.saw(c, data == nil); data != nil {
			return data, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-late.C:
			return nil, nil
		case <-news:
		}
	}
}

const codeDiverged = "diverged"

// meet remembers on disk who follows, before it gets anything: whoever has the journal might take over.
func (p *Primary) meet(ctx context.Context, address string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if address == "" {
		return &wire.Error{Status: http.StatusUnprocessableEntity, Code: "invalid", Message: "address：备用服务器必须说明自己的地址。"}
	}
	if slices.Contains(p.peers, address) {
		return nil
	}
	if len(p.peers) >= maxPeers {
		return &wire.Error{Status: http.StatusConflict, Code: "too_many_standbys",
			Message: fmt.Sprintf("备用服务器已有 %d 台，不能再加。请系统管理员在 /admin 的“服务器”里去掉不再使用的。", maxPeers)}
	}
	if err := p.remember(ctx, append(slices.Clone(p.peers), address)); err != nil {
		return err
	}
	p.Log.Info().Str("address", address).Msg("a standby follows this hall")
	return nil
}

// Forget implements api.Servers: a standby that has gone for good is not asked any more at the start whether it has taken over.
func (p *Primary) Forget(address string) (beside any, after func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.peers, address)
	if i < 0 {
		return nil, nil, &wire.Error{Status: http.StatusNotFound, Code: "not_found", Message: "没有备用服务器 " + address + "。"}
	}
	if time.Since(p.seen[address].asked) < silent {
		return nil, nil, &wire.Error{Status: http.StatusConflict, Code: "standby_follows", Message: "备用服务器 " + address + " 还在跟随。请先停掉它，并吊销它的令牌。"}
	}
	left := slices.Delete(slices.Clone(p.peers), i, i+1)
	mark, err := peersMark(left)
	return mark, func() { p.forgotten(address, left) }, err
}

// forgotten follows the disk, on which written is the list by now. Whoever was met since the list was made is not in it.
func (p *Primary) forgotten(address string, written []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(p.peers), func(a string) bool { return a == address })
	if slices.Equal(left, written) {
		p.peers = left
	} else if err := p.remember(context.Background(), left); err != nil {
		p.Log.Error().Err(err).Msg("the list of standbys")
	}
}

// peersMark is the list as it is kept.
func peersMark(list []string) (*db.MarkSet, error) {
	text, err := json.Marshal(list)
	return &db.MarkSet{Name: db.MarkPeers, Value: string(text)}, err
}

// remember keeps on disk who follows. The lock is held.
func (p *Primary) remember(ctx context.Context, list []string) error {
	mark, err := peersMark(list)
	if err != nil {
		return err
	}
	if err := p.DB.SetMark(ctx, mark.Name, mark.Value); err != nil {
		return err
	}
	p.peers = list
	return nil
}

// Fence implements api.Servers: another server takes the hall over. It is on disk before the answer, so that a restart does
// not forget it.
func (p *Primary) Fence(ctx context.Context, f wire.Fence) (wire.Fenced, error) {
	if f.Epoch <= p.epoch || f.URL == "" {
		return wire.Fenced{}, &wire.Error{Status: http.StatusUnprocessableEntity, Code: "invalid",
			Message: fmt.Sprintf("epoch：必须大于本服务器的 %d，并附上新主服务器的地址 url。", p.epoch)}
	}
	if err := p.Hall.HandOver(ctx); err != nil {
		return wire.Fenced{}, err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return wire.Fenced{}, err
	}
	if err := p.DB.SetMark(ctx, db.MarkFenced, string(text)); err != nil {
		return wire.Fenced{}, err
	}
	p.mu.Lock()
	first := p.moved == nil
	p.moved = &f
	p.mu.Unlock()
	if first {
		p.Log.Warn().Str("primary", f.URL).Int("epoch", f.Epoch).Msg("another server has taken the hall over; this one only shows it")
		p.Fenced()
	}
	c, err := p.DB.Cursor(ctx, false)
	return wire.Fenced{Seq: c.Seq, Place: c.Place}, err
}

// Copy implements api.Servers: one moment of the whole hall, for a standby that has nothing yet. The copy before is removed.
func (p *Primary) Copy(ctx context.Context) (wire.StandbyCopy, error) {
	id := strconv.FormatInt(time.Now().UnixNano(), 36)
	into := p.copyDir(id)
	m, err := backup.Fill(ctx, p.Dir, into)
	if err != nil {
		return wire.StandbyCopy{}, errors.Join(err, os.RemoveAll(into))
	}
	p.mu.Lock()
	p.copy = id
	p.mu.Unlock()
	out := wire.StandbyCopy{ID: id, Files: m.Files, Sizes: map[string]int64{}}
	for name := range m.Files {
		info, err := os.Stat(filepath.Join(into, name))
		if err != nil {
			return out, err
		}
		out.Sizes[name] = info.Size()
	}
	return out, dropCopies(p.Dir, id)
}

func (p *Primary) copyDir(id string) string {
	return filepath.Join(p.Dir, copyFolder, copyPrefix+id)
}

// dropCopies removes all copies but one.
func dropCopies(dir, but string) error {
	list, err := filepath.Glob(filepath.Join(dir, copyFolder, copyPrefix+"*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, folder := range list {
		if filepath.Base(folder) != copyPrefix+but {
			errs = append(errs, os.RemoveAll(folder))
		}
	}
	return errors.Join(errs...)
}

// Piece implements api.Servers: at most pieceSize bytes of a file of the newest copy.
func (p *Primary) Piece(q wire.StandbyPiece) ([]byte, error) {
	p.mu.Lock()
	id := p.copy
	p.mu.Unlock()
	if id == "" || q.ID != id || !filepath.IsLocal(q.File) {
		return nil, &wire.Error{Status: http.StatusNotFound, Code: "not_found", Message: "没有这份副本。请重新开始复制。"}
	}
	f, err := os.Open(filepath.Join(p.copyDir(id), q.File))
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	defer f.Close()
	data := make([]byte, pieceSize)
	n, err := f.ReadAt(data, q.Offset)
	if n == 0 && err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	return data[:n], nil
}
