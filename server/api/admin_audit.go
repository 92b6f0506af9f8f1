package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/heads"
	"yitang/server/wire"
)

// Verifier walks the whole journal and says how many events it has, and which is the first that does not fit.
type Verifier func(ctx context.Context) (events uint64, fault string, err error)

// auditPage is how many events the auditor reads at a time.
const auditPage = 100

func (a *API) auditRoutes() []route {
	audit := []account.Role{account.Audit}
	return []route{
		{method: http.MethodGet, path: "/api/v1/admin/journal", summary: "Who did what when and from where, the newest first",
			detail: "Of what was done about accounts; with ?all=yes of everything. ?user= for one account, ?before= goes on from a number. Nothing about applicants is in it.",
			roles:  audit, out: wire.AuditLines{},
			params: asks{yesOrNo("all", "yes: of everything"), may("user", "only of that account"), may("before", "goes on from that number")}, status: 200, handle: a.journal},
		{method: http.MethodGet, path: "/api/v1/admin/heads", summary: "The signed head of the journal at the end of each business day, oldest first",
			detail: "As lines of JSON, for keeping outside the hall: yitang verify --heads FILE.", roles: audit, kind: "application/jsonl", status: 200, handle: a.heads},
		{method: http.MethodGet, path: "/api/v1/admin/verification", summary: "How the last verification of the journal went",
			roles: audit, out: wire.AuditVerdict{}, status: 200, handle: a.verdict},
		{method: http.MethodPost, path: "/api/v1/admin/verification", summary: "Walk the whole journal now: its chain, and the projections against it",
			detail: "Goes on in the background, beside the working hall; 409 while one runs.",
			roles:  audit, out: wire.AuditVerdict{}, status: 202, handle: a.verify},
	}
}

func (a *API) heads(c *fiber.Ctx) error {
	list, err := a.Office.Heads(c.UserContext())
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/jsonl; charset=utf-8")
	c.Attachment("heads.jsonl")
	var out bytes.Buffer
	if err := heads.Write(&out, list); err != nil {
		return err
	}
	return c.Send(out.Bytes())
}

func (a *API) journal(c *fiber.Ctx) error {
	f := hall.LineFilter{All: c.Query("all") == "yes", User: c.Query("user"), Limit: auditPage + 1}
	if q := c.Query("before"); q != "" {
		var err error
		if f.Before, err = strconv.ParseUint(q, 10, 63); err != nil || f.Before == 0 {
			return refusal(http.StatusUnprocessableEntity, "invalid", "before：要是一个事件的序号。")
		}
	}
	list, err := a.Office.Lines(c.UserContext(), f)
	if err != nil {
		return err
	}
	p := a.present(a.Hall.View().Layout)
	out := wire.AuditLines{Lines: []wire.AuditLine{}}
	if len(list) > auditPage {
		list = list[:auditPage]
		out.Next = list[auditPage-1].Seq
	}
	for _, l := range list {
		w := wire.AuditLine{Seq: l.Seq, At: p.time(l.At), Actor: string(l.Actor), Kind: string(l.Kind), Subject: l.Subject}
		if x := l.Access; x != nil {
			w.What, w.User, w.Source, w.Note = string(x.What), x.User, x.Source, x.Note
		}
		out.Lines = append(out.Lines, w)
	}
	return c.JSON(out)
}

// checks is the verification that runs, or how the last one went. One at a time: it reads the whole disk.
type checks struct {
	mu     sync.Mutex
	last   wire.AuditVerdict
	cancel context.CancelFunc // of the one that runs
	closed bool
	done   sync.WaitGroup
}

// begin starts a verification, unless one runs or the hall is going away.
func (k *checks) begin(now time.Time, verify Verifier) (wire.AuditVerdict, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last.Running || k.closed {
		return k.last, false
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel, k.last = cancel, wire.AuditVerdict{Running: true, Began: &now}
	k.done.Go(func() {
		defer cancel()
		events, fault, err := verify(ctx)
		k.end(events, fault, err)
	})
	return k.last, true
}

func (k *checks) end(events uint64, fault string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	k.last.Running, k.last.Ended, k.last.Events, k.last.Fault = false, &now, events, fault
	if err != nil {
		k.last.Problem = err.Error()
	}
}

func (k *checks) now() wire.AuditVerdict {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

// stop ends what runs and waits for it.
func (k *checks) stop() {
	k.mu.Lock()
	k.closed = true
	if k.cancel != nil {
		k.cancel()
	}
	k.mu.Unlock()
	k.done.Wait()
}

func (a *API) verdict(c *fiber.Ctx) error { return c.JSON(a.checks.now()) }

func (a *API) verify(c *fiber.Ctx) error {
	if a.checks.now().Running {
		return errVerifying
	}
	if err := a.record(c, actor(who(c)), hall.JournalVerified, who(c).User, "", nil); err != nil {
		return err
	}
	v, ok := a.checks.begin(time.Now(), a.Verify)
	if !ok {
		return errVerifying
	}
	return c.Status(http.StatusAccepted).JSON(v)
}
