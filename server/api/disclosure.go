package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) disclosureRoutes() []route {
	return []route{{method: http.MethodPost, path: "/api/v1/people/disclosure", summary: "Everything that is kept about a person, for that person (个人信息查阅)",
		detail: "On proof, which is named in the access record that each disclosure leaves. The number itself is kept nowhere.",
		roles:  []account.Role{account.Manager}, in: wire.DisclosureRequest{}, out: hall.Dossier{}, status: 200, handle: a.disclose}}
}

// disclose first puts on record who looked whom up, on which proof, and only then answers.
func (a *API) disclose(c *fiber.Ctx) error {
	var in wire.DisclosureRequest
	if err := body(c, &in); err != nil {
		return err
	}
	_, pseudonym, err := a.pseudonym(in.Person)
	if err != nil {
		return err
	}
	in.Proof = strings.TrimSpace(in.Proof)
	switch {
	case pseudonym == "":
		return refusal(http.StatusUnprocessableEntity, "invalid", "person：请出示证件，填写证件种类（kind）和号码（number）。")
	case in.Proof == "":
		return refusal(http.StatusUnprocessableEntity, "invalid", "proof：请写明核验了什么证件、是否本人到场。")
	}
	if err := text("proof", in.Proof); err != nil {
		return err
	}
	if err := a.record(c, actor(who(c)), hall.PersonDisclosed, pseudonym, in.Proof, nil); err != nil {
		return err
	}
	held, err := a.People.Held(c.UserContext(), pseudonym)
	if err != nil {
		return err
	}
	return c.JSON(held)
}
