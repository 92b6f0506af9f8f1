package standby

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"yitang/db"
	"yitang/server/wire"
)

// markChase is an old primary that did not hear that it was replaced, with the token for telling it.
const markChase db.MarkName = "chase"

const chaseEvery = 2 * time.Second

type quarry struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// Remember has Chase tell an old primary, also after a restart.
func Remember(ctx context.Context, data *db.DB, url, token string) error {
	text, err := json.Marshal(quarry{url, token})
	if err != nil {
		return err
	}
	return data.SetMark(ctx, markChase, string(text))
}

// Chase tells the old primary that it was replaced until it has understood, or ctx ends.
func Chase(ctx context.Context, data *db.DB, other func(url, token string) *Server, f wire.Fence) error {
	text, err := data.Mark(ctx, markChase)
	if err != nil || text == "" {
		return err
	}
	var q quarry
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		return err
	}
	old := other(q.URL, q.Token)
	for {
		_, err := old.Fence(ctx, f)
		var refused *wire.Error
		if err == nil || errors.As(err, &refused) && (refused.Code == wire.CodeStandby || refused.Code == wire.CodeMoved) {
			return data.SetMark(ctx, markChase, "")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(chaseEvery):
		}
	}
}
