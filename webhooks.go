package main

import (
	"context"
	"fmt"

	"yitang/server/account"
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
		"The hall must not be running. A new address is told what happens from then on; docs/webhooks.md says what it gets."
}

// Run makes, changes or removes an address.
func (c *webhookCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was said is committed
	if c.Remove {
		found, err := data.DropHook(ctx, webhook.ID(c.Name))
		if err == nil && !found {
			err = fmt.Errorf("admin webhook: there is no %s", c.Name)
		}
		return err
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
	if err := data.PutHook(ctx, h); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: secret %s\n", h.ID, h.Secret)
	return nil
}
