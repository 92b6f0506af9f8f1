package hall_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
	"yitang/server/workday"
)

// writeGolden writes the golden file of a new kind of event; it never overwrites one.
var writeGolden = flag.Bool("write-golden", false, "write the golden files that are missing")

// samples are one body of each kind with every field set.
func samples() []hall.Body {
	left := []hall.MatterCode{"B-1"}
	outcomes := []hall.Outcome{{Matter: "A-1", Outcome: "deferred", Purpose: "V", Derived: "A", Case: case1, NewCase: true, Subject: "p-91ab",
		SubjectKind: "company", Missing: []string{"章程"}, Oral: true, Until: "2025-06-20", Contact: "李", Authority: "州局", Offered: "yes", Chosen: "mail", Note: "急"}}
	l := hall.Layout{
		Version: "5f2c", Standard: 12, Hall: "changji", Name: hall.Text{"zh": "政务服务大厅", "ug": "زال"}, Zone: "Asia/Shanghai", Example: true,
		Hours:  hall.Hours{Always: true, Spans: []hall.Span{{From: 600, To: 840}}},
		Fields: []hall.Field{{ID: "A", Name: hall.Text{"zh": "市场"}, Icon: "store"}},
		Matters: []hall.Matter{{Code: "A-1", Name: hall.Text{"zh": "设立"}, Field: "A", Department: "市监局", Kind: hall.Promised,
			StatutoryDays: 20, PromisedDays: 5, Materials: []string{"申请书"}, Transferred: true, Subject: "company", ServiceMin: 18,
			GuideVisits: true, SiteVisit: true, TransferredFrom: today, Keywords: []string{"开公司"}}},
		Windows: []hall.WindowPlan{{ID: "1", Name: "市场窗口", Kind: hall.OfField, Fields: []hall.FieldID{"A"},
			Acts: map[hall.FieldID][]hall.Act{"A": {hall.Receive, hall.Deliver}}}},
		Calling:   hall.Calling{Policy: "strict", Pure: true, Quota: 4, StatutoryMin: 4, AppointmentMin: 9, OrdinaryMin: 19.5, IdleCallS: 20, AlarmMin: 45},
		Desk:      hall.Desk{Calls: 3, RecallEveryS: 20, LastCallFirst: true, RatingDays: 5, YellowDays: 3, RedDays: 1, Bureau: "行政审批局"},
		Calendar:  []workday.Year{{Year: 2026, Holidays: []workday.Day{"2026-01-01"}, Worked: []workday.Day{"2026-01-04"}}},
		Limits:    hall.Limits{OpenPerMatter: 2, PerDay: 10},
		Retention: hall.Retention{PersonMonths: 36, AuditMonths: 18},
		Reliefs:   []hall.Relief{{Field: "A", Waiting: 5, OverMin: 20, Window: one}},
		Booking: hall.Booking{DaysAhead: 10, EarlyMin: 20, LateMin: 40, OpenMax: 3, MissedMax: 4, MissedDays: 60, Usual: []hall.Places{{Field: "A", From: 600, People: 4}},
			Days:    []hall.DayPlaces{{Day: today, Closed: true, Places: []hall.Places{{Field: "A", From: 630, People: 2}}}},
			Matters: []hall.MatterPlaces{{Matter: "A-1", People: 1}}},
		Signals: map[string]float64{"b1_no_ticket": 0.08},
	}
	why := hall.Why{Rule: "fcfs", Version: 1, Candidates: 7, WaitedMS: 90000, Step: hall.StepScore, TargetMS: 60000, Ratio: 1.5,
		Score: 1.65, Reserved: 2, Passed: true,
		Heads: []hall.Scored{{Ticket: a001, Number: "A001", Priority: hall.Elderly, Waiting: 3, WaitedMS: 90000, Ratio: 1.5,
			Primary: true, Share: 0.5, Score: 1.65, Reserved: true}},
		Others: []hall.Other{{Window: "5", Reason: hall.ReasonDeliverOnly}}}
	return []hall.Body{
		&hall.LayoutAdopted{Layout: l},
		&hall.LayoutPlanned{Layout: l, Withdrawn: true},
		&hall.DayOpened{IssueUntil: 1748952000000, Given: hall.Given{Numbers: map[hall.FieldID]int{"A": 12}, Cases: 3}},
		&hall.ClockSet{Was: ten, WasDay: tomorrow, Day: today},
		&hall.DayClosed{},
		&hall.DayReopened{},
		&hall.TicketIssued{Ticket: a001, Number: "A001", Field: "A", Matters: []hall.MatterCode{"A-1", "B-1"}, Priority: hall.Elderly,
			Language: "ug", Channel: "kiosk", PersonKind: "id", Person: "p-7d1f", Track: "x9K2",
			Slot: 1748920000000, Since: 1748919700000, Deliver: true, IssuedAt: ten, Actor: "agent", Cases: []hall.CaseID{case1}, From: "20250603-A000", To: "2",
			Told:   &hall.Told{P50S: 600, P80S: 840, P90S: 1020, Raw50S: 570, Raw80S: 800, Raw90S: 990},
			Papers: hall.Papers{"A-1": {"申请书"}, "B-1": {}}},
		&hall.TicketCalled{Ticket: a001, Window: one, Clerk: li, Leg: 1, Why: why},
		&hall.TicketRecalled{Ticket: a001, Window: one, Calls: 2},
		&hall.TicketStarted{Ticket: a001, Window: one, Leg: 1, Implied: true},
		&hall.TicketFinished{Ticket: a001, Window: one, Leg: 1, Outcomes: outcomes},
		&hall.TicketHeld{Ticket: a001, Window: one, Leg: 1, Reason: "复印"},
		&hall.TicketResumed{Ticket: a001, Window: one, Leg: 2, Serving: true, For: "2"},
		&hall.TicketTransferred{Ticket: a001, Window: one, Leg: 1, Field: "B", To: "2", Department: "工信局", Later: true, Reason: "转办", Outcomes: outcomes, Left: left},
		&hall.TicketMissed{Ticket: a001, Window: one, Leg: 1, Reason: "day_closed"},
		&hall.TicketReactivated{Ticket: a001, For: "3", Reopened: true, Held: true},
		&hall.TicketCancelled{Ticket: a001, Reason: "不办了 <改天>"},
		&hall.TicketAbandoned{Ticket: a001, Reason: "day_closed"},
		&hall.ReceiptReported{Ticket: a001, State: hall.Failed, Reason: "paper_out", Note: "k1"},
		&hall.WindowOpened{Window: one, Clerk: li},
		&hall.WindowPaused{Window: one, Reason: "午休", Until: 1748930400000},
		&hall.WindowResumed{Window: one},
		&hall.WindowClosed{Window: one},
		&hall.DeviceReported{Device: "k1", Part: "printer", State: "warning", Reason: "paper_low", Note: "换纸"},
		&hall.AccessRecorded{What: hall.AccountMade, User: "li", Source: "10.1.1.7", Note: "clerk"},
		&hall.ScreensArranged{Screens: hall.Screens{
			Screens: []hall.ScreenPlan{{ID: "lobby", Name: "大门", Kind: hall.AreaScreen, Fields: []hall.FieldID{"A"}, Window: one, Area: "east",
				Languages: []string{"zh", "ug"}, Theme: "dark", Silent: true, Zone: []hall.WindowID{one}, Clerk: true,
				Ticker: hall.Text{"zh": "欢迎"}, Arrows: map[hall.AreaID]hall.Direction{"west": "left"},
				Landscape: []hall.Panel{{Kind: hall.NewestPanel, X: 1, Y: 2, W: 3, H: 4}}, Portrait: []hall.Panel{{Kind: hall.HeadPanel, X: 1, Y: 1, W: 2, H: 2}}}},
			Areas:   []hall.Area{{ID: "east", Name: hall.Text{"zh": "东区"}, Windows: []hall.WindowID{one}}},
			Voice:   hall.Voice{Off: true, Languages: []string{"zh"}, Gong: true, Rate: 160, Times: 3, EveryS: 20, Volumes: []hall.VolumeFrom{{From: 480, Volume: 80}}},
			Notices: []hall.Notice{{ID: "n1", Text: hall.Text{"zh": "下午四点闭馆"}, Screens: []hall.ScreenID{"lobby"}, Until: 1748930400000}},
		}},
		&hall.TicketReopened{Ticket: a001, Window: one, Leg: 1, Remaining: left, Last: "20250603-A002", Dropped: []hall.CaseID{"20250603-0001"}},
		&hall.TicketSplit{Ticket: a001, Window: one, Into: "20250603-B001", Matters: left, Reason: "另办"},
		&hall.TicketIdentified{Ticket: a001, Window: one, PersonKind: "id", Person: "p-7d1f", Actor: "self"},
		&hall.TicketMarked{Ticket: a001, Priority: hall.Elderly, Was: hall.Ordinary},
		&hall.AppointmentBooked{Appointment: "Y9", Code: "40718295", Track: "QRST", Day: today, From: 630, Slot: 1748917800000, Matters: left, PersonKind: "id",
			Person: "p-7d1f", Language: "ug", Channel: "phone", MissedBefore: 1},
		&hall.AppointmentMoved{Appointment: "Y9", Day: tomorrow, From: 600, Slot: 1749002400000},
		&hall.AppointmentCancelled{Appointment: "Y9", Reason: "by_holder"},
		&hall.AppointmentCheckedIn{Appointment: "Y9", As: a001, Late: true},
		&hall.AppointmentMissed{Appointment: "Y9"},
		&hall.WindowAsked{Window: one, Field: "A", Waiting: 5, OverMin: 20},
		&hall.WindowReleased{Window: one, Reason: hall.ReleasedEased},
		&hall.WindowHandedOver{Window: one, Clerk: wang, In: a001},
		&hall.CaseStarted{Case: case1, Matter: "A-1", Subject: "p-91ab", SubjectKind: "company", Agent: "p-7d1f", Channel: "window", By: a001,
			Department: "市监局", PromisedDays: 5, OpenedAt: ten, Attempts: []hall.TicketID{"20250602-A009"}},
		&hall.CaseStepped{Case: case1, Step: hall.StepDecide, Detail: fullDetail()},
		&hall.CaseSynced{Case: fullCase(), Undone: true},
		&hall.CaseLinked{Of: a001, Leg: 1, Matter: "A-1", Case: case1, Purpose: hall.Consult, Was: hall.Apply, Reason: "误选"},
		&hall.RatingGiven{Rating: "20250603-A001-1", Of: a001, Leg: 1, Window: one, About: li, Grade: 2, Reasons: []string{"slow"}, Text: "太慢",
			Via: "phone", AfterMS: 5000, Due: "2025-06-13"},
		&hall.TaskStepped{Rating: "20250603-A001-1", State: hall.TaskVerified, Verified: "true", Text: "属实"},
		&hall.LeadStepped{Lead: "F1-2025-06-01-6b86b273", Signal: "F1", Subject: "1", From: "2025-06-01", To: "2025-06-30", State: hall.LeadDismissed,
			Whom: "督查科", Text: "叫错号后立即结束", N: 40, K: 6, Rows: []string{string(a001)}},
		&hall.PrimaryChanged{Epoch: 2, Planned: true, From: "https://10.1.1.5", Place: 77},
		&hall.RecordsPurged{Through: today, After: 3, To: 900, ClosedFrom: 1, ClosedBefore: ten, AuditAfter: 2, AuditTo: 400, Records: 61, Digest: "9f86d081"},
		&hall.HeadSigned{Of: today, Seq: 900, Hash: "9f86d081", Algorithm: "ed25519", Key: "a2V5", Signature: "c2ln"},
		&hall.HistoryImported{Cases: 18, Tickets: 27, Notices: 4, Referrals: 1, Digest: "9f86d081"},
	}
}

// fullDetail has every field, whatever the step.
func fullDetail() hall.StepDetail {
	return hall.StepDetail{Ticket: a001, Window: one, Items: []string{"章程"}, Written: true, Contact: "李", Reason: "合格", Note: "急", Days: 5,
		Today: today, PromisedDay: "2025-06-13", Department: "市监局", From: "工信局", Departments: []string{"工信局"}, Kind: "visit", Result: "pass",
		Decision: "granted", Org: "行政审批局", Seal: "审批专用章", DocumentNo: "昌审〔2025〕1号", How: "mail", Tracking: "EMS1", Offered: "yes", Chosen: "mail",
		End: hall.EndVoid, Authority: "州局", Deferred: []hall.Deferral{{Item: "章程", Until: "2025-06-20"}}, AcceptedAt: 1748916300000}
}

// fullCase has every field, though no case ever has all of them.
func fullCase() hall.Case {
	return hall.Case{ID: "ZTP-1", Seq: 7, Matter: "A-1", Subject: "p-91ab", SubjectKind: "company", Agent: "p-7d1f", Channel: "online", Ticket: a001,
		State: hall.CaseClosed, OpenedAt: ten, AcceptedAt: ten + 1, DecidedAt: ten + 2, ReadyAt: ten + 3, ClosedAt: ten + 4, End: hall.Delivered,
		FirstComplete: "yes", PromisedDays: 5, PromisedDay: "2025-06-13", ExtendedDays: 2, SuspendedOn: today, SuspendedFor: "听证",
		Department: "市监局", SentAt: ten + 1, AcknowledgedAt: ten + 2, ReturnedFor: "材料不清", Decision: "granted", Org: "行政审批局",
		Seal: "审批专用章", DocumentNo: "昌审〔2025〕1号", Offered: "yes", Chosen: "mail", WishAt: ten + 1, How: "mail", Tracking: "EMS1", Authority: "州局",
		Notices:  []hall.OneTimeNotice{{Seq: 1, At: ten, Items: []string{"章程"}, Written: true, Contact: "李", By: li}},
		Deferred: []hall.Deferral{{Item: "章程", Until: "2025-06-20"}},
		Joint:    []hall.Opinion{{Department: "工信局", Kind: "visit", Result: "pass", Note: "可", At: ten + 1}}, Master: true}
}

// TestJournalFormat pins the JSON of every body: what stands in a hall's journal today must read the same in ten
// years. A body may only gain optional fields; then its golden file gains them too.
func TestJournalFormat(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range samples() {
		kind := string(b.Kind())
		seen[kind] = true
		t.Run(kind, func(t *testing.T) {
			if path := unset(reflect.ValueOf(b).Elem()); path != "" {
				t.Fatalf("the sample leaves %s empty: give it a value and add it to the golden file", path)
			}
			golden := readGolden(t, b)
			if got := encode(t, b); !bytes.Equal(got, golden) {
				t.Errorf("the journal's format changed.\ngot:\n%s\nwant:\n%s", got, golden)
			}
			back, err := hall.DecodeBody(b.Kind(), golden)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back, b) {
				t.Errorf("read back (-want +got):\n%s", diff(b, back))
			}
		})
	}
	for _, kind := range constants(t, "Kind") {
		if !seen[kind] {
			t.Errorf("no sample of the kind %s", kind)
		}
	}
	if hall.BodyVersion != 1 {
		t.Errorf("BodyVersion is %d: the golden files are of version 1", hall.BodyVersion)
	}
}

func readGolden(t *testing.T, b hall.Body) []byte {
	t.Helper()
	name := filepath.Join("testdata", string(b.Kind())+".json")
	golden, err := os.ReadFile(name)
	if os.IsNotExist(err) && *writeGolden {
		golden = encode(t, b)
		err = os.WriteFile(name, golden, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return golden
}

func encode(t testing.TB, b hall.Body) []byte {
	t.Helper()
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// unset names the first field of a struct that has no value.
func unset(v reflect.Value) string {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if f.IsZero() {
			return name
		}
		if f.Kind() == reflect.Slice {
			f = f.Index(0)
		}
		if f.Kind() == reflect.Struct {
			if below := unset(f); below != "" {
				return name + "." + below
			}
		}
	}
	return ""
}

// TestSubject: an event that names a ticket is about that ticket.
func TestSubject(t *testing.T) {
	for _, b := range samples() {
		want := hall.TicketID("")
		if f := reflect.ValueOf(b).Elem().FieldByName("Ticket"); f.IsValid() {
			want = hall.TicketID(f.String())
		}
		if got := (&hall.Event{Body: b}).Subject(); got != want {
			t.Errorf("%s is about %q, want %q", b.Kind(), got, want)
		}
	}
}

func TestEveryKindIsDecoded(t *testing.T) {
	for _, kind := range constants(t, "Kind") {
		b, err := hall.DecodeBody(hall.Kind(kind), []byte("{}"))
		if err != nil {
			t.Error(err)
		} else if string(b.Kind()) != kind {
			t.Errorf("%s is decoded as %s", kind, b.Kind())
		}
	}
}

func TestDecodeBodyRefuses(t *testing.T) {
	for _, c := range []struct {
		kind    hall.Kind
		payload string
		word    string
	}{
		{"ticket_teleported", `{}`, `"ticket_teleported": this journal was written by a newer Yitang`},
		{"", `{}`, "unknown kind"},
		{hall.KindTicketIssued, ``, "ticket_issued"},
		{hall.KindTicketIssued, `{"ticket":7}`, "ticket_issued"},
		{hall.KindTicketIssued, `{"ticket":"x"`, "ticket_issued"},
	} {
		b, err := hall.DecodeBody(c.kind, []byte(c.payload))
		if b != nil || err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s %s: %v, %v", c.kind, c.payload, b, err)
		}
	}
}

func TestOldReadersSkipNewOptionalFields(t *testing.T) {
	b, err := hall.DecodeBody(hall.KindWindowClosed, []byte(`{"window":"1","mood":"good"}`))
	if err != nil || b.(*hall.WindowClosed).Window != one {
		t.Errorf("%v, %v", b, err)
	}
}

// TestBodiesRoundTrip: whatever a body says comes back from the journal.
func TestBodiesRoundTrip(t *testing.T) {
	all := constants(t, "Kind")
	rapid.Check(t, func(r *rapid.T) {
		kind := hall.Kind(rapid.SampledFrom(all).Draw(r, "kind"))
		b, err := hall.DecodeBody(kind, []byte("{}"))
		if err != nil {
			r.Fatal(err)
		}
		fill(r, reflect.ValueOf(b).Elem())
		text, err := json.Marshal(b)
		if err != nil {
			r.Fatal(err)
		}
		back, err := hall.DecodeBody(kind, text)
		if err != nil {
			r.Fatal(err)
		}
		if d := diff(b, back); d != "" {
			r.Fatalf("%s (-before +after):\n%s", text, d)
		}
	})
}

// fill draws a value for every field.
func fill(r *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(r, "len")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range rapid.SliceOfN(rapid.String(), 0, 3).Draw(r, "keys") {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(r, value)
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(r, "is there") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.String:
		v.SetString(rapid.String().Draw(r, "text"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(r, "number"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(r, "figure"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(r, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(r, "bool"))
	default:
		panic(fmt.Sprintf("a body has a field of the kind %s: teach fill to draw it", v.Kind()))
	}
}
