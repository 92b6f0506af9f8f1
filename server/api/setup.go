package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Setup is the door for the first administrator, who proves by a code that they see the server's console. It opens once.
type Setup struct {
	mu   sync.Mutex
	code string // empty: done
}

// NewSetup opens the door with a code that is kept nowhere.
func NewSetup() (s *Setup, code string) {
	code = account.NewCode()
	return &Setup{code: code}, code
}

func (s *Setup) needed() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code != ""
}

// setupTries is how failures at the door are counted, whoever they come from.
const setupTries = "setup:code"

func (a *API) setupRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/v1/setup", summary: "Whether the hall waits for its first administrator",
			out: wire.Setup{}, status: 200, handle: a.setupNeeded},
		{method: http.MethodPost, path: "/api/v1/setup", summary: "Make the first system administrator, by the code on the server's console",
			detail: "Possible once. The code changes at every start until then; wrong ones lock as passwords do.",
			in:     wire.SetupRequest{}, out: wire.Session{}, status: 201, keyless: true, handle: a.setUp},
	}
}

func (a *API) setupNeeded(c *fiber.Ctx) error { return c.JSON(wire.Setup{Needed: a.Setup.needed()}) }

func (a *API) setUp(c *fiber.Ctx) error {
	var in wire.SetupRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if !a.Setup.needed() {
		return errSetUp
	}
	a.Setup.mu.Lock()
	defer a.Setup.mu.Unlock()
	if a.Setup.code == "" {
		return errSetUp
	}
	if err := a.mayTry(c.UserContext(), setupTries); err != nil {
		return err
	}
	if !account.SameCode(a.Setup.code, in.Code) {
		return a.wrongCode(c)
	}
	fresh := account.Account{User: in.User, Name: in.Name, Role: account.System, State: account.Active}
	if err := a.mayBegin(c.UserContext(), &fresh, in.Password); err != nil {
		return err
	}
	fresh.Password = account.HashPassword(in.Password)
	if err := a.record(c, hall.System, hall.SetUp, fresh.User, string(fresh.Role), &account.Change{Put: []account.Account{fresh}}); err != nil {
		return err
	}
	a.Setup.code = ""
	return a.begin(c, &fresh)
}

func (a *API) wrongCode(c *fiber.Ctx) error {
	r := hall.RecordAccess{Source: a.source(c), Note: "setup"}
	if err := a.failed(c.UserContext(), r, map[string]int{setupTries: account.AccountFailures}); err != nil {
		return err
	}
	return refusal(http.StatusUnauthorized, "wrong_code", "一次性代码不对。请看服务器控制台上最近一次启动时显示的代码。")
}

func (a *API) mayBegin(ctx context.Context, fresh *account.Account, password string) error {
	all, err := a.Office.Accounts(ctx)
	if err != nil {
		return err
	}
	if err := a.mayOpen(fresh, all); err != nil {
		return err
	}
	if why := account.CheckNew(password, fresh.User, nil); why != "" {
		return refusal(http.StatusUnprocessableEntity, "weak_password", why)
	}
	return nil
}

// timeOf is a time for the wire; nil for none.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
