package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// body reads a JSON body into in; an empty one leaves in as it is. Unknown fields are refused, so that a mistyped name
// is not taken for a missing one.
func body(c *fiber.Ctx, in any) error {
	sent := c.BodyRaw() // Body would unpack what is packed, beyond the limit of a body
	if len(sent) == 0 {
		return nil
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

// unknownField begins what encoding/json says of a field that is not there; it has no type of its own for this.
const unknownField = "json: unknown field "

// mistake says in words which field or byte of a body could not be read, without the names of our types.
func mistake(err error) string {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		place := wrong.Field
		if place == "" {
			place = "请求体"
		}
		return fmt.Sprintf("%s：这里要的是%s，收到的是%s。", place, kindName(wrong.Type), valueName(wrong.Value))
	case errors.As(err, &syntax):
		return fmt.Sprintf("请求体不是正确的 JSON：第 %d 个字节有误。", syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "请求体不是正确的 JSON：内容不完整，没有写完。"
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
