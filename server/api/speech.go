package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"yitang/server/hall"
)

// maxSpeech bounds a sentence that a kiosk has spoken, in characters.
const maxSpeech = 400

// speech speaks a sentence of a kiosk's page, at the rate of the hall's announcements.
func (a *API) speech(c *fiber.Ctx) error {
	language, text := cmp.Or(c.Query("language"), "zh"), c.Query("text")
	if !slices.Contains([]string{"zh", "ug", "kk", "en"}, language) || text == "" || utf8.RuneCountInString(text) > maxSpeech {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "text：请给出 1 到 400 个字，language：zh、ug、kk 或 en。")
	}
	if a.Voice == nil {
		return errNoVoice
	}
	wav, err := a.Voice.Say(c.UserContext(), language, text, a.Hall.View().Screens.Voice.Rate)
	if err != nil {
		if a.Voice.Ready() != nil || errors.Is(err, context.DeadlineExceeded) {
			return errNoVoice
		}
		return err
	}
	c.Set(fiber.HeaderContentType, "audio/wav")
	return c.Send(wav)
}
