package wire

import (
	"context"
	"net/http"
)

// put replaces what stands at a path.
func (c *Client) put(ctx context.Context, in any, parts ...string) error {
	p, err := path(parts...)
	if err == nil {
		_, err = c.send(ctx, call{method: http.MethodPut, path: p, in: in})
	}
	return err
}

// Screens is the manager's view of the screens.
func (c *Client) Screens(ctx context.Context) (ScreenList, error) {
	var out ScreenList
	return out, c.get(ctx, "/api/v1/screens", &out)
}

// ArrangeScreen says how a screen is arranged.
func (c *Client) ArrangeScreen(ctx context.Context, p ScreenPlan) error {
	return c.put(ctx, p, "screens", p.ID)
}

// SetVoice says how calls are spoken.
func (c *Client) SetVoice(ctx context.Context, v VoicePlan) error { return c.put(ctx, v, "voice") }

// SetAreas says which windows are far away.
func (c *Client) SetAreas(ctx context.Context, a Areas) error { return c.put(ctx, a, "areas") }

// PostNotice puts a notice on the screens.
func (c *Client) PostNotice(ctx context.Context, n NoticeRequest) (Notice, error) {
	var out Notice
	_, err := c.post(ctx, "/api/v1/notices", "", n, &out)
	return out, err
}

// Announcement is a call as sound, a WAV file, as a screen speaks it.
func (c *Client) Announcement(ctx context.Context, s ScreenID, number, window string, brief bool) ([]byte, error) {
	p, err := path("screens", string(s), "voice", number, window)
	if err != nil {
		return nil, err
	}
	if brief {
		p += "?brief=1"
	}
	var wav []byte
	return wav, c.get(ctx, p, &wav)
}
