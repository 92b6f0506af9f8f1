package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// body reads a JSON body into in, as Decode.
func body(c *fiber.Ctx, in any) error {
	return Decode(c.BodyRaw(), in) // Body would unpack what is packed, beyond the limit of a body
}

// Decode reads JSON into in; empty text leaves in as it is. Unknown fields are refused, so that a mistyped name is not taken for a
// missing one. The error is a refusal for people that names the field or the byte.
func Decode(sent []byte, in any) error {
	if len(sent) == 0 {
		return nil
	}
	if at := notUTF8(sent); at >= 0 { // the decoder would put a sign of replacement into names
		return refusal(http.StatusBadRequest, "invalid", fmt.Sprintf("请求体不是 UTF-8 编码：第 %d 个字节有误。", at+1))
	}
	dec := json.NewDecoder(bytes.NewReader(sent))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return refusal(http.StatusBadRequest, "invalid", mistake(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) { // More would let a closing brace pass
		return refusal(http.StatusBadRequest, "invalid", "请求体在 JSON 之后还有内容。")
	}
	return nil
}

// What encoding/json says of a field that is not there, and time of a number in the place of a time, begins so; they have no types of
// their own for this.
const (
	unknownField = "json: unknown field "
	notText      = "Time.UnmarshalJSON: "
)

// notUTF8 is where the first byte stands that no UTF-8 text has, or -1.
func notUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; ; {
		r, n := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && n <= 1 {
			return at
		}
		at += n
	}
}

// ofJSON leaves the names of embedded types, which begin with a capital as no field of ours does, out of a field's path.
func ofJSON(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p != "" && p[0] >= 'A' && p[0] <= 'Z' }), ".")
}

// mistake says in words which field or byte of a body could not be read, without the names of our types.
func mistake(err error) string {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		place := ofJSON(wrong.Field)
		if place == "" {
			place = "请求体"
		}
		return fmt.Sprintf("%s：这里要的是%s，收到的是%s。", place, kindName(wrong.Type), valueName(wrong.Value))
	case errors.As(err, &syntax):
		return fmt.Sprintf("请求体不是正确的 JSON：第 %d 个字节有误。", syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "请求体不是正确的 JSON：内容不完整，没有写完。"
	}
	var when *time.ParseError
	if errors.As(err, &when) {
		return fmt.Sprintf("时间 %s 有误：请写成 2026-06-01T10:30:00+08:00 的样子。", when.Value)
	}
	if strings.HasPrefix(err.Error(), notText) {
		return "时间要写成字符串，例如 \"2026-06-01T10:30:00+08:00\"。"
	}
	if name, ok := strings.CutPrefix(err.Error(), unknownField); ok {
		return strings.Trim(name, `"`) + "：没有这个字段。请核对字段名。"
	}
	return "请求体不是正确的 JSON：" + err.Error()
}

// kindName is how JSON calls what a Go type is read from.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "字符串"
	case reflect.Bool:
		return " true 或 false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "整数"
	case reflect.Float32, reflect.Float64:
		return "数字"
	case reflect.Slice, reflect.Array:
		return "列表"
	}
	return "对象"
}

// valueName translates encoding/json's word for what it met: a kind, or "number" with the number that does not fit.
func valueName(value string) string {
	kind, rest, _ := strings.Cut(value, " ")
	name := map[string]string{"string": "字符串", "number": "数字", "bool": " true 或 false", "array": "列表", "object": "对象", "null": " null"}[kind]
	if name == "" {
		return value
	}
	return strings.TrimSuffix(name+" "+rest, " ")
}
