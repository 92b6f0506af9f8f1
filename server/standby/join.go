package standby

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server/wire"
)

// Join makes a folder a standby of a primary: an empty one gets a copy of the whole hall, one that holds the hall as it was is
// taken up where it stands. It says in the hall's language why a folder cannot be one.
func Join(ctx context.Context, dir string, primary *Server, log zerolog.Logger) error {
	if _, err := os.Stat(filepath.Join(dir, db.File)); errors.Is(err, os.ErrNotExist) {
		if err := fetch(ctx, dir, primary, log); err != nil {
			return err
		}
	}
	data, err := db.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(take(ctx, data, primary), data.Close())
}

// copyingFolder is where a copy grows within the folder that it is for.
const copyingFolder = "copying"

// fetch fills a folder that holds no hall yet. The hall's file comes last: without it the folder still holds none.
func fetch(ctx context.Context, dir string, primary *Server, log zerolog.Logger) error {
	work := filepath.Join(dir, copyingFolder)
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	if err := os.MkdirAll(work, 0o700); err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	log.Info().Str("primary", primary.URL).Msg("copying the hall from the primary")
	tenth := int64(0)
	err := primary.Fetch(ctx, work, func(done, all int64) {
		if all > 0 && done*10/all > tenth {
			tenth = done * 10 / all
			log.Info().Int64("percent", tenth*10).Msg("copying")
		}
	})
	if err != nil {
		var no *wire.Error
		if errors.As(err, &no) && (no.Status == http.StatusUnauthorized || no.Status == http.StatusForbidden) {
			err = fmt.Errorf("%w 所给的令牌无效、已吊销，或不是备用服务器的；请在主服务器上用 yitang admin device 名称 --role standby 重新办一个", err)
		}
		return errors.Join(fmt.Errorf("standby: 无法从主服务器 %s 复制大厅：%w", primary.URL, err), os.RemoveAll(work))
	}
	return moveIn(work, dir)
}

func moveIn(work, dir string) error {
	entries, err := os.ReadDir(work)
	if err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	names := []string{}
	for _, e := range entries {
		if e.Name() != db.File {
			names = append(names, e.Name())
		}
	}
	for _, name := range append(names, db.File) {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("standby: %w；请清空文件夹 %s 后重试", err, dir)
		}
	}
	return os.Remove(work)
}

// take sets the marks of a standby on a folder whose journal is the beginning of the primary's.
func take(ctx context.Context, data *db.DB, primary *Server) error {
	state, err := primary.State(ctx)
	for errors.Is(ctx.Err(), nil) && err != nil { // both may start together after a power cut
		if follows, markErr := data.Mark(ctx, db.MarkFollows); markErr != nil || follows != "" {
			return markErr // it is one already: it may wait for its primary while it shows what it has
		}
		time.Sleep(waitForNews)
		state, err = primary.State(ctx)
	}
	if err != nil {
		return err
	}
	if state.Role != wire.RolePrimary {
		return fmt.Errorf("standby: %s 不是主服务器；它说主服务器是 %s。请用 --follow 指向主服务器", primary.URL, state.Primary)
	}
	epoch, err := Epoch(ctx, data)
	switch {
	case err != nil:
		return err
	case state.Epoch < epoch:
		return fmt.Errorf("standby: 本机的数据比 %s 新（第 %d 任，它是第 %d 任）。不能跟随它", primary.URL, epoch, state.Epoch)
	case state.Epoch > epoch+1:
		return fmt.Errorf("standby: 本机的数据停在第 %d 任主服务器，现在是第 %d 任。请把数据文件夹移走，备用服务器会重新复制", epoch, state.Epoch)
	case state.Epoch == epoch+1:
		if err := data.TrimAnswers(ctx, state.Fork); err != nil {
			return err
		}
	}
	marks := []error{data.SetMark(ctx, db.MarkFollows, primary.URL), data.SetMark(ctx, db.MarkFenced, ""), data.SetMark(ctx, db.MarkPeers, "")}
	return errors.Join(marks...)
}

// May says whether a folder may be served as the primary, or in the hall's language why not. A folder whose standbys might have
// taken over asks each until it answers; waiting is told how long that has taken. Alone passes over that: a person says so.
func May(ctx context.Context, data *db.DB, alone bool, other func(url string) *Server, waiting func(peer string)) error {
	if text, err := data.Mark(ctx, db.MarkFenced); err != nil || text != "" {
		return errors.Join(err, fencedBy(text))
	}
	if follows, err := data.Mark(ctx, db.MarkFollows); err != nil || follows != "" {
		return errors.Join(err, fmt.Errorf("standby: 这个文件夹是主服务器 %s 的备用。启动备用请加 --follow %s；要让它接管请用 yitang promote", follows, follows))
	}
	list, err := peers(ctx, data)
	if err != nil || alone {
		return err
	}
	epoch, err := Epoch(ctx, data)
	if err != nil {
		return err
	}
	for _, url := range list {
		if err := ask(ctx, data, other(url), epoch, waiting); err != nil {
			return err
		}
	}
	return nil
}

// ask waits until a standby has said whether it took over.
func ask(ctx context.Context, data *db.DB, peer *Server, epoch int, waiting func(peer string)) error {
	for {
		s, err := peer.State(ctx)
		if err == nil && (s.Role != wire.RolePrimary || s.Epoch <= epoch) {
			return nil
		}
		if err == nil {
			text, err := json.Marshal(wire.Fence{Epoch: s.Epoch, URL: peer.URL})
			if err != nil {
				return err
			}
			return errors.Join(data.SetMark(ctx, db.MarkFenced, string(text)), fencedBy(string(text)))
		}
		waiting(peer.URL)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(waitForNews):
		}
	}
}

// ErrFenced means that another server has taken the hall over.
var ErrFenced = errors.New("standby: 大厅已切换到另一台服务器")

func fencedBy(text string) error {
	var f wire.Fence
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return err
	}
	return fmt.Errorf("%w：%s（第 %d 任）。本机不能再作主服务器。让本机做备用请加 --follow %s；本机多出的记录不会自动并入，见 docs/standby.md", ErrFenced, f.URL, f.Epoch, f.URL)
}

// Promote makes the folder of a standby, which nobody is working on, that of the primary of an epoch. Decide puts the event on
// disk that begins it. A crash in between leaves a standby that can be promoted again.
func Promote(ctx context.Context, data *db.DB, decide func() error) error {
	if err := decide(); err != nil {
		return err
	}
	return errors.Join(data.SetMark(ctx, db.MarkFenced, ""), data.SetMark(ctx, db.MarkPeers, ""), data.SetMark(ctx, db.MarkFollows, ""))
}
