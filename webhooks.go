package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/webhook"
)

type webhookCmd struct {
	dirFlag
	Name      string   `arg:"" help:"Name of the address, for example platform."`
	URL       string   `arg:"" optional:"" help:"Address to post to, http:// or https://."`
	Topics    []string `enum:"case,rating" default:"case,rating" help:"What it is told about: case, rating."`
	Algorithm string   `enum:"hmac-sha256,hmac-sm3" default:"hmac-sha256" help:"How messages are signed."`
	Secret    string   `help:"Secret of the signatures; one is drawn without."`
	Remove    bool     `help:"Forget the address and its dead letters."`
}

func (webhookCmd) Help() string {
	return "Example: yitang admin webhook --dir /var/lib/yitang platform https://approval.example/yitang\n" +
		"A new address is told what happens from then on; docs/webhooks.md says what it gets."
}

// Run makes, changes or removes an address.
func (c *webhookCmd) Run(ctx context.Context, w out) error { return visit(ctx, c.Dir, "webhook", c, w) }

func (c *webhookCmd) do(ctx context.Context, o *office, w io.Writer) error {
	if c.Remove {
		return c.remove(ctx, o)
	}
	h := webhook.Hook{ID: webhook.ID(c.Name), URL: c.URL, Secret: c.Secret, Algorithm: webhook.Algorithm(c.Algorithm)}
	for _, t := range c.Topics {
		h.Topics = append(h.Topics, webhook.Topic(t))
	}
	if h.Secret == "" {
		h.Secret = account.NewToken()
	}
	if err := h.Check(); err != nil {
		return err
	}
	if err := o.record(ctx, hall.RecordAccess{What: hall.HookPut, User: c.Name, Note: h.URL}, &webhook.Change{Put: &h}); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: secret %s\n", h.ID, h.Secret)
	return nil
}

func (c *webhookCmd) remove(ctx context.Context, o *office) error {
	hooks, err := o.data.Hooks(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(hooks, func(h webhook.Hook) bool { return string(h.ID) == c.Name }) {
		return fmt.Errorf("admin webhook: there is no address named %s", c.Name)
	}
	return o.record(ctx, hall.RecordAccess{What: hall.HookDropped, User: c.Name}, &webhook.Change{Drop: webhook.ID(c.Name)})
}
