package person

// Code is the stable name of the rule that a number fails.
type Code string

// The rules. Pages translate the code; the sentence in [Error] is the Chinese default.
const (
	UnknownKind      Code = "person_kind_unknown"
	Empty            Code = "number_empty"
	TooLong          Code = "number_too_long"
	WrongLength      Code = "number_wrong_length"
	BadCharacter     Code = "number_bad_character"
	BadProvince      Code = "number_bad_province"
	BadBirth         Code = "number_bad_birth"
	BadCheckDigit    Code = "number_bad_check_digit"
	FirstGeneration  Code = "number_first_generation"
	WrongCodeLength  Code = "credit_code_wrong_length"
	BadCodeCharacter Code = "credit_code_bad_character"
	BadCodeCheck     Code = "credit_code_bad_check"
)

// Error says which rule failed, in words for the applicant. It never holds the number.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return "person: " + string(e.Code) }

func fail(code Code) *Error { return &Error{Code: code, Message: message(code)} }

func message(code Code) string {
	switch code {
	case Empty:
		return "请输入证件号码。"
	case TooLong, WrongLength:
		return "号码位数不对：居民身份证、居住证和新版永居证为18位，通行证为8至11位，旧版永居证为15位。"
	case BadCharacter:
		return "号码中有不应出现的字符：身份证号码只能是数字，最后一位可以是X。"
	case BadProvince:
		return "身份证号码的前两位不是有效的省份代码，请核对。"
	case BadBirth:
		return "号码中的出生日期不存在，请核对。"
	case BadCheckDigit:
		return "号码的校验位不符，可能有一位输错，请核对。"
	case FirstGeneration:
		return "15位的第一代身份证已于2013年停用，请输入18位号码。"
	case WrongCodeLength:
		return "统一社会信用代码应为18位，请核对。"
	case BadCodeCharacter:
		return "统一社会信用代码只含数字和大写字母，不含I、O、S、V、Z，请核对。"
	case BadCodeCheck:
		return "统一社会信用代码的校验位不符，可能有一位输错，请核对。"
	default:
		return "无法识别办事人的类型，请选择个人或企业。"
	}
}
