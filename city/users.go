package city

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"yitang/city/register"
	"yitang/server/account"
	"yitang/server/wire"
)

// Session says who is logged in. Token is set only in the answer to a login.
type Session struct {
	User       string        `json:"user"`
	Name       string        `json:"name"`
	Role       register.Role `json:"role"`
	City       string        `json:"city"`
	MustChange bool          `json:"must_change,omitempty"` // the password, before anything else is allowed
	Token      string        `json:"token,omitempty"`
}

// User is somebody who may log in, as the administrator sees them.
type User struct {
	User       string        `json:"user"`
	Name       string        `json:"name"`
	Role       register.Role `json:"role"`
	Closed     bool          `json:"closed,omitempty"`
	MustChange bool          `json:"must_change,omitempty"`
	Locked     bool          `json:"locked,omitempty"` // has guessed too often
	Own        bool          `json:"own,omitempty"`
}

// NewUser opens an account.
type NewUser struct {
	User string        `json:"user"`
	Name string        `json:"name"`
	Role register.Role `json:"role"`
}

// UserChange changes an account; what is empty stays.
type UserChange struct {
	Name  string        `json:"name,omitempty"`
	Role  register.Role `json:"role,omitempty"`
	Close bool          `json:"close,omitempty"`
}

// GivenPassword is a password that is told once.
type GivenPassword struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

var (
	errLogin    = refusal{http.StatusUnauthorized, "wrong_password", "用户名或密码不对。"}
	errNobody   = refusal{http.StatusUnauthorized, "not_logged_in", "请先登录。"}
	errRole     = refusal{http.StatusForbidden, "forbidden", "这个账号没有权限进行该操作。"}
	errChange   = refusal{http.StatusForbidden, "password_change_required", "密码是别人发放的，请先改成自己的密码。"}
	errNoUser   = refusal{http.StatusNotFound, "not_found", "没有这个用户。"}
	errOwn      = refusal{http.StatusConflict, "own_account", "不能改自己的账号。请另一位系统管理员来改。"}
	errLastRole = refusal{http.StatusConflict, "last_administrator", "至少要留一位系统管理员。"}
)

func invalid(message string) refusal {
	return refusal{http.StatusUnprocessableEntity, "invalid", message}
}

// body reads a request's JSON.
func body[T any](r *http.Request) (in T, err error) {
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return in, invalid("请求不是所要的 JSON：" + err.Error())
	}
	return in, nil
}

func (t *City) session(who *caller) Session {
	return Session{User: who.name, Name: cmp.Or(who.Name, who.name), Role: who.Can(), City: t.register.Load().Name, MustChange: who.MustChange}
}

func (t *City) login(w http.ResponseWriter, r *http.Request) (any, error) {
	in, err := body[wire.Login](r)
	if err != nil {
		return nil, err
	}
	if len(in.User) > utf8.UTFMax*account.MaxUser || len(in.Password) > 4*account.MaxPassword {
		return nil, errLogin
	}
	who, err := t.enter(r, in.User, in.Password)
	if err != nil {
		return nil, err
	}
	s := t.session(who)
	if s.Token, err = t.begin(r.Context(), who); err != nil {
		return nil, err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: t.c.TLS != nil}) // #nosec G124 -- Secure wherever the city speaks TLS
	t.c.Log.Info().Str("user", who.name).Str("source", sourceOf(r)).Msg("logged in")
	return s, nil
}

func (t *City) logout(r *http.Request, _ *caller) (any, error) {
	return nil, t.ledger.DropSession(r.Context(), account.Digest(tokenOf(r)))
}

// changePassword takes the old password once more: a page left open must not be enough.
func (t *City) changePassword(r *http.Request, who *caller) (any, error) {
	in, err := body[wire.PasswordChange](r)
	if err != nil {
		return nil, err
	}
	if _, err := t.enter(r, who.name, in.Old); errors.Is(err, errLogin) {
		return nil, refusal{http.StatusUnprocessableEntity, "wrong_password", "原密码不对。请重新输入。"}
	} else if err != nil {
		return nil, err
	}
	if why := account.CheckNew(in.New, who.name, append(slices.Clone(who.Former), who.Password)); why != "" {
		return nil, refusal{http.StatusUnprocessableEntity, "weak_password", why}
	}
	hash := account.HashPassword(in.New)
	return nil, t.changeRegister(who, "changed the own password", who.name, func(users map[string]register.User) error {
		u := users[who.name]
		u.SetPassword(hash, false)
		users[who.name] = u
		return nil
	})
}

// changeRegister changes the users on disk and takes them over at once. Who did it to whom stands in the log.
func (t *City) changeRegister(by *caller, what, user string, do func(map[string]register.User) error) error {
	r, err := register.Change(t.c.Dir, func(r *register.Register) error { return do(r.Users) })
	if err != nil {
		return err
	}
	t.register.Store(r)
	t.c.Log.Info().Str("by", by.name).Str("user", user).Msg(what)
	return nil
}

// shown is a user as the administrator sees them; locked are the subjects that have guessed too often.
func shown(name string, u *register.User, by *caller, locked map[string]time.Time) User {
	return User{User: name, Name: cmp.Or(u.Name, name), Role: u.Can(), Closed: u.Closed, MustChange: u.MustChange,
		Locked: !locked["user:"+name].IsZero(), Own: name == by.name}
}

func (t *City) listUsers(r *http.Request, who *caller) (any, error) {
	locked, err := t.ledger.Locked(r.Context(), time.Now())
	if err != nil {
		return nil, err
	}
	list := Users{}
	for name, u := range t.register.Load().Users {
		list = append(list, shown(name, &u, who, locked))
	}
	slices.SortFunc(list, func(a, b User) int { return cmp.Compare(a.User, b.User) })
	return list, nil
}

func checkName(name string) string {
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n == 0 || n > account.MaxUser {
		return "姓名（name）要有 1 到 32 个字。"
	}
	return ""
}

func checkRole(r register.Role) string {
	if !slices.Contains(register.Roles(), r) {
		return "角色（role）：请选 viewer、editor 或 admin。"
	}
	return ""
}

func (t *City) openUser(r *http.Request, who *caller) (any, error) {
	in, err := body[NewUser](r)
	if err != nil {
		return nil, err
	}
	if why := cmp.Or(account.CheckUser(in.User), checkName(in.Name), checkRole(in.Role)); why != "" {
		return nil, invalid(why)
	}
	given := GivenPassword{in.User, account.NewPassword()}
	hash := account.HashPassword(given.Password)
	return given, t.changeRegister(who, "opened an account", in.User, func(users map[string]register.User) error {
		if _, taken := users[in.User]; taken {
			return refusal{http.StatusConflict, "user_taken", "用户名 " + in.User + " 已经有了。请换一个。"}
		}
		users[in.User] = register.User{Name: strings.TrimSpace(in.Name), Role: in.Role, Password: hash, MustChange: true}
		return nil
	})
}

func (t *City) changeUser(r *http.Request, who *caller) (any, error) {
	in, err := body[UserChange](r)
	if err != nil {
		return nil, err
	}
	if in.Name != "" && checkName(in.Name) != "" {
		return nil, invalid(checkName(in.Name))
	}
	if in.Role != "" && checkRole(in.Role) != "" {
		return nil, invalid(checkRole(in.Role))
	}
	name := r.PathValue("user")
	var u register.User
	err = t.changeOther(who, "changed an account", name, func(users map[string]register.User) error {
		u = users[name]
		was := u.Can()
		u.Name, u.Role, u.Closed = cmp.Or(strings.TrimSpace(in.Name), u.Name), cmp.Or(in.Role, was), u.Closed || in.Close
		users[name] = u
		if was == register.Admin && !anyAdmin(users) {
			return errLastRole
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	locked, err := t.ledger.Locked(r.Context(), time.Now())
	return shown(name, &u, who, locked), err
}

func anyAdmin(users map[string]register.User) bool {
	for _, u := range users {
		if u.Can() == register.Admin && !u.Closed {
			return true
		}
	}
	return false
}

// changeOther changes an account that is open and not one's own.
func (t *City) changeOther(who *caller, what, name string, do func(map[string]register.User) error) error {
	if name == who.name {
		return errOwn
	}
	return t.changeRegister(who, what, name, func(users map[string]register.User) error {
		if u, known := users[name]; !known || u.Closed {
			return errNoUser
		}
		return do(users)
	})
}

func (t *City) givePassword(r *http.Request, who *caller) (any, error) {
	given := GivenPassword{r.PathValue("user"), account.NewPassword()}
	hash := account.HashPassword(given.Password)
	err := t.changeOther(who, "gave a new password", given.User, func(users map[string]register.User) error {
		u := users[given.User]
		u.SetPassword(hash, true)
		users[given.User] = u
		return nil
	})
	if err != nil {
		return nil, err
	}
	return given, t.ledger.Unlock(r.Context(), "user:"+given.User)
}

func (t *City) unlockUser(r *http.Request, who *caller) (any, error) {
	name := r.PathValue("user")
	if _, known := t.register.Load().Users[name]; !known {
		return nil, errNoUser
	}
	t.c.Log.Info().Str("by", who.name).Str("user", name).Msg("unlocks a user")
	return nil, t.ledger.Unlock(r.Context(), "user:"+name)
}
