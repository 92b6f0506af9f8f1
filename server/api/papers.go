package api

import (
	"fmt"
	"net/http"
	"time"

	"yitang/server/hall"
	"yitang/server/wire"
)

// The papers of a case.
const (
	paperNotice      = "notice"       // 一次性告知书
	paperAcceptance  = "acceptance"   // 受理通知书
	paperNoAuthority = "no_authority" // 不予受理告知书
	paperDelivery    = "delivery"     // 送达回证
)

//nolint:gochecknoglobals // a constant value
var errNoPaper = refusal(http.StatusNotFound, string(hall.CodeNotFound), "这个办件没有这份文书。")

func titles(kind string) wire.Text {
	return map[string]wire.Text{
		paperNotice:      {"zh": "补正材料一次性告知书", "en": "Notice of missing papers"},
		paperAcceptance:  {"zh": "受理通知书", "en": "Acceptance receipt"},
		paperNoAuthority: {"zh": "不属于本机关职权范围告知书", "en": "Not our authority"},
		paperDelivery:    {"zh": "送达回证", "en": "Receipt of the result"},
	}[kind]
}

func link(k *hall.Case, kind string, n int) wire.PaperLink {
	path := kind
	if n > 0 {
		path = fmt.Sprintf("%s-%d", kind, n)
	}
	return wire.PaperLink{Kind: kind, Case: string(k.ID), Title: titles(kind)["zh"], URL: "/api/v1/cases/" + string(k.ID) + "/papers/" + path}
}

// papersOf are the papers that a step makes.
func papersOf(k *hall.Case, step hall.CaseStep) []wire.PaperLink {
	switch {
	case k == nil:
		return nil
	case step == hall.StepNotice && len(k.Notices) > 0 && k.Notices[len(k.Notices)-1].Written:
		return []wire.PaperLink{link(k, paperNotice, len(k.Notices))}
	case step == hall.StepAccept:
		return []wire.PaperLink{link(k, paperAcceptance, 0)}
	case step == hall.StepEnd && k.End == hall.NoAuthority:
		return []wire.PaperLink{link(k, paperNoAuthority, 0)}
	case step == hall.StepDeliver:
		return []wire.PaperLink{link(k, paperDelivery, 0)}
	}
	return nil
}

// allPapers are those that the case has so far.
func allPapers(k *hall.Case) []wire.PaperLink {
	out := []wire.PaperLink{}
	for _, n := range k.Notices {
		if n.Written {
			out = append(out, link(k, paperNotice, n.Seq))
		}
	}
	if k.AcceptedAt != 0 {
		out = append(out, link(k, paperAcceptance, 0))
	}
	if k.End == hall.NoAuthority {
		out = append(out, link(k, paperNoAuthority, 0))
	}
	if k.How != "" {
		out = append(out, link(k, paperDelivery, 0))
	}
	return out
}

// paper makes a paper of a case; false when the case has none of that kind.
func (p presenter) paper(k *hall.Case, kind string, n int, now time.Time) (wire.Paper, bool) {
	doc := wire.Paper{Kind: kind, Title: titles(kind)["zh"], Case: string(k.ID), Code: string(k.ID), Hall: wire.Text(p.layout.Name),
		Matter: p.matterName(k.Matter), Org: p.signs(k),
		Lines: []wire.PaperLine{{Label: "办件编号", Value: string(k.ID)}, {Label: "申请事项", Value: p.matterName(k.Matter)["zh"]}}}
	if doc.Title == "" {
		return doc, false
	}
	doc.Texts = []wire.PaperTexts{{Language: "en", Title: titles(kind)["en"]}}
	switch kind {
	case paperNotice:
		return doc, p.noticePaper(&doc, k, n)
	case paperAcceptance:
		return doc, p.acceptancePaper(&doc, k, now)
	case paperNoAuthority:
		if k.End != hall.NoAuthority {
			return doc, false
		}
		doc.At = p.time(k.ClosedAt)
		doc.Lines = append(doc.Lines, wire.PaperLine{Label: "应当申请的机关", Value: k.Authority})
		doc.Closing = []string{"您申请的事项不属于本机关职权范围。请向上列机关申请。"}
		return doc, true
	}
	if k.How == "" {
		return doc, false
	}
	doc.At = p.time(k.ClosedAt)
	doc.Lines = append(doc.Lines, wire.PaperLine{Label: "文书编号", Value: k.DocumentNo}, wire.PaperLine{Label: "决定机关", Value: k.Org},
		wire.PaperLine{Label: "送达方式", Value: map[string]string{"window": "窗口领取", "mail": "邮寄 " + k.Tracking, "electronic": "电子送达"}[k.How]})
	doc.Closing = []string{"受送达人签名：＿＿＿＿＿＿＿＿"}
	return doc, true
}

// signs is whose paper it is.
func (p presenter) signs(k *hall.Case) string {
	for i := range p.layout.Matters {
		if m := &p.layout.Matters[i]; m.Code == k.Matter {
			return p.layout.Seals(m)
		}
	}
	return k.Department
}

func (p presenter) noticePaper(doc *wire.Paper, k *hall.Case, n int) bool {
	if n < 1 || n > len(k.Notices) || !k.Notices[n-1].Written {
		return false
	}
	notice := k.Notices[n-1]
	doc.At, doc.Items = p.time(notice.At), notice.Items
	doc.Lines = append(doc.Lines, wire.PaperLine{Label: "告知次数", Value: fmt.Sprintf("第 %d 次", n)})
	if notice.Contact != "" {
		doc.Lines = append(doc.Lines, wire.PaperLine{Label: "咨询联系", Value: notice.Contact})
	}
	doc.Closing = []string{"请补齐以上全部材料后再次申请。再来时请出示本告知书上的二维码，或带上身份证件。"}
	return true
}

func (p presenter) acceptancePaper(doc *wire.Paper, k *hall.Case, now time.Time) bool {
	if k.AcceptedAt == 0 {
		return false
	}
	doc.At = p.time(k.AcceptedAt)
	w := p.kase(k, now)
	switch {
	case w.PromisedDay != "":
		doc.Lines = append(doc.Lines, wire.PaperLine{Label: "承诺办结日期", Value: w.PromisedDay},
			wire.PaperLine{Label: "承诺期限", Value: fmt.Sprintf("%d 个工作日", k.PromisedDays+k.ExtendedDays)})
	case k.PromisedDays > 0:
		doc.Lines = append(doc.Lines, wire.PaperLine{Label: "承诺期限", Value: fmt.Sprintf("自受理之日起 %d 个工作日", k.PromisedDays+k.ExtendedDays)})
	}
	doc.Lines = append(doc.Lines, wire.PaperLine{Label: "领取方式",
		Value: map[string]string{"mail": "邮寄", "collect": "窗口领取", "": "未登记"}[k.Chosen]})
	for _, d := range k.Deferred {
		doc.Items = append(doc.Items, fmt.Sprintf("%s（请于 %s 前补交）", d.Item, d.Until))
	}
	doc.Closing = []string{"查询进度或领取结果时，请出示本通知书上的二维码。"}
	if len(k.Deferred) > 0 {
		doc.Closing = append(doc.Closing, "以上容缺材料，申请人承诺按期补交；逾期未补的，按规定处理。")
	}
	return true
}
