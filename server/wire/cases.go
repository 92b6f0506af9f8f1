package wire

import "time"

// Case is a case (办件) as staff see it: one application for one matter, from the first attempt to file to the result
// received. Nothing in it says who the person is.
type Case struct {
	Case          string     `json:"case"`
	Matter        string     `json:"matter"`
	MatterName    Text       `json:"matter_name"`
	SubjectKind   string     `json:"subject_kind,omitempty"` // person or company; empty without identity
	Agent         bool       `json:"agent,omitempty"`        // somebody files for the subject
	Channel       string     `json:"channel,omitempty"`
	State         string     `json:"state"` // filed, accepted, supplement, suspended, decided, ready or closed
	OpenedAt      time.Time  `json:"opened_at"`
	AcceptedAt    *time.Time `json:"accepted_at,omitempty"`
	DecidedAt     *time.Time `json:"decided_at,omitempty"`
	ReadyAt       *time.Time `json:"ready_at,omitempty"`
	ClosedAt      *time.Time `json:"closed_at,omitempty"`
	End           string     `json:"end,omitempty"`            // delivered, refused, withdrawn, no_authority, test or void
	FirstComplete string     `json:"first_complete,omitempty"` // yes or no
	PromisedDays  int        `json:"promised_days,omitempty"`  // working days
	PromisedDay   string     `json:"promised_day,omitempty"`   // YYYY-MM-DD; empty while the calendar lacks the year
	ExtendedDays  int        `json:"extended_days,omitempty"`
	SuspendedOn   string     `json:"suspended_on,omitempty"`
	SuspendedFor  string     `json:"suspended_for,omitempty"`
	DaysLeft      *int       `json:"days_left,omitempty"`     // working days until the promised day; below 0 when it has passed
	Colour        string     `json:"colour,omitempty"`        // green, yellow or red by the days left; grey while the clock stands
	CalendarNote  string     `json:"calendar_note,omitempty"` // why there is no promised day

	Department     string     `json:"department,omitempty"`
	SentAt         *time.Time `json:"sent_at,omitempty"`
	AcknowledgedAt *time.Time `json:"acknowledged_at,omitempty"`
	ReturnedFor    string     `json:"returned_for,omitempty"`

	Decision   string `json:"decision,omitempty"` // granted or refused
	Org        string `json:"org,omitempty"`
	Seal       string `json:"seal,omitempty"`
	DocumentNo string `json:"document_no,omitempty"`

	DeliveryOffered string `json:"delivery_offered,omitempty"` // free delivery: yes or no
	DeliveryChosen  string `json:"delivery_chosen,omitempty"`  // mail or collect
	DeliveredHow    string `json:"delivered_how,omitempty"`    // window, mail or electronic
	Tracking        string `json:"tracking,omitempty"`

	Authority string          `json:"authority,omitempty"`
	Notices   []OneTimeNotice `json:"notices,omitempty"`
	Deferred  []Deferral      `json:"deferred,omitempty"`
	Joint     []Opinion       `json:"joint,omitempty"`
	Master    bool            `json:"master,omitempty"` // an approval system is its master
	Acts      []string        `json:"acts,omitempty"`   // that whoever asked may do now, by their names in the paths; only where one case is asked for
}

// OneTimeNotice is a one-time notice (一次性告知).
type OneTimeNotice struct {
	Seq     int       `json:"seq"`
	At      time.Time `json:"at"`
	Items   []string  `json:"items"`
	Written bool      `json:"written"`
	Contact string    `json:"contact,omitempty"`
}

// Deferral is a paper that may follow, and until when.
type Deferral struct {
	Item  string `json:"item"`
	Until string `json:"until"` // YYYY-MM-DD
}

// Opinion is one department's part in a joint visit, review or acceptance check.
type Opinion struct {
	Department string     `json:"department"`
	Kind       string     `json:"kind"`             // visit, review or check
	Result     string     `json:"result,omitempty"` // pass or fail; empty while it is awaited
	Note       string     `json:"note,omitempty"`
	At         *time.Time `json:"at,omitempty"`
}

// CaseVisit is one service that had to do with a case.
type CaseVisit struct {
	Ticket  string    `json:"ticket"`
	Leg     int       `json:"leg"`
	At      time.Time `json:"at"`
	Window  string    `json:"window"`
	Outcome string    `json:"outcome"`
	Purpose string    `json:"purpose"`
	Derived string    `json:"derived,omitempty"`
}

// CaseFile is a case with all that has happened at windows.
type CaseFile struct {
	Case   Case        `json:"case"`
	Visits []CaseVisit `json:"visits"`
	Papers []PaperLink `json:"papers"`
}

// CaseResponse answers an act on a case.
type CaseResponse struct {
	Case   Case        `json:"case"`
	Papers []PaperLink `json:"papers,omitempty"` // that this act made
}

// CaseList is some cases, the most urgent first.
type CaseList struct {
	Cases []Case `json:"cases"`
	More  bool   `json:"more,omitempty"` // there are more than the list shows
}

// CaseAct is the body of an act on a case; each act reads what it needs:
//
//	accept       delivery_offered, delivery_chosen
//	notice       items, contact; oral: said, not written
//	suspend      reason (what the law names: hearing, test, inspection, expert review)
//	extend       days, reason
//	send         department, reason
//	return       reason; department when not the matter's own
//	joint        kind (visit, review, check), departments
//	opinion      result (pass, fail), note; department when a manager answers for it
//	decide       decision (granted, refused), reason, org, seal, document_no
//	deliver      how (window, mail, electronic), tracking
//	wish         delivery_offered (yes, no), delivery_chosen (mail, collect)
//	end          end (withdrawn, no_authority, test, void), reason, authority
//	continue, acknowledge, ready: nothing
type CaseAct struct {
	Items           []string `json:"items,omitempty"`
	Oral            bool     `json:"oral,omitempty"`
	Contact         string   `json:"contact,omitempty"`
	Reason          string   `json:"reason,omitempty"`
	Note            string   `json:"note,omitempty"`
	Days            int      `json:"days,omitempty"`
	Department      string   `json:"department,omitempty"`
	Departments     []string `json:"departments,omitempty"`
	Kind            string   `json:"kind,omitempty"`
	Result          string   `json:"result,omitempty"`
	Decision        string   `json:"decision,omitempty"`
	Org             string   `json:"org,omitempty"`
	Seal            string   `json:"seal,omitempty"`
	DocumentNo      string   `json:"document_no,omitempty"`
	How             string   `json:"how,omitempty"`
	Tracking        string   `json:"tracking,omitempty"`
	DeliveryOffered string   `json:"delivery_offered,omitempty"`
	DeliveryChosen  string   `json:"delivery_chosen,omitempty"`
	End             string   `json:"end,omitempty"`
	Authority       string   `json:"authority,omitempty"`
}

// CaseSearch finds the cases of a person whose card was read or number typed; the number goes no further than that.
type CaseSearch struct {
	Person Person `json:"person"`
}

// CasePut is what an approval system says of a case. Times are RFC 3339; what is left out stays as it is known.
type CasePut struct {
	Matter             string     `json:"matter"`
	Subject            *Person    `json:"subject,omitempty"`
	Agent              *Person    `json:"agent,omitempty"`
	Channel            string     `json:"channel,omitempty"` // online when left out
	OpenedAt           time.Time  `json:"opened_at"`
	AcceptedAt         *time.Time `json:"accepted_at,omitempty"`
	DecidedAt          *time.Time `json:"decided_at,omitempty"`
	ReadyAt            *time.Time `json:"ready_at,omitempty"`
	ClosedAt           *time.Time `json:"closed_at,omitempty"`
	End                string     `json:"end,omitempty"`
	State              string     `json:"state,omitempty"` // only suspended or supplement; the rest follows from the times
	FirstComplete      string     `json:"first_complete,omitempty"`
	PromisedDay        string     `json:"promised_day,omitempty"`
	Department         string     `json:"department,omitempty"`
	Decision           string     `json:"decision,omitempty"`
	Org                string     `json:"org,omitempty"`
	Seal               string     `json:"seal,omitempty"`
	DocumentNo         string     `json:"document_no,omitempty"`
	DeliveryOffered    string     `json:"delivery_offered,omitempty"`
	DeliveryChosen     string     `json:"delivery_chosen,omitempty"`
	DeliveryRecordedAt *time.Time `json:"delivery_recorded_at,omitempty"`
	DeliveredHow       string     `json:"delivered_how,omitempty"`
	Tracking           string     `json:"tracking,omitempty"`
}

// PaperLink names a paper that can be printed.
type PaperLink struct {
	Kind  string `json:"kind"` // notice, acceptance, deferral, no_authority or receipt (of the result)
	Case  string `json:"case"`
	Title string `json:"title"`
	URL   string `json:"url"` // of the Paper as JSON
}

// Paper is a paper to print: the page that shows it prints it through the browser. It has everything that must stand on
// it, in order.
type Paper struct {
	Kind    string       `json:"kind"`
	Title   string       `json:"title"` // 补正通知书, 受理通知书, …
	Case    string       `json:"case"`
	Code    string       `json:"code"` // of the QR code: scanned at a window or kiosk it names the case
	Hall    Text         `json:"hall"`
	At      time.Time    `json:"at"`
	Matter  Text         `json:"matter"`
	Lines   []PaperLine  `json:"lines"` // a label and what it says
	Items   []string     `json:"items,omitempty"`
	Closing []string     `json:"closing"`         // sentences below: whom to ask, what to do
	Org     string       `json:"org"`             // who signs
	Texts   []PaperTexts `json:"texts,omitempty"` // the same title in the applicants' languages
}

// PaperLine is a label and what it says.
type PaperLine struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// PaperTexts is the title in another language.
type PaperTexts struct {
	Language string `json:"language"`
	Title    string `json:"title"`
}
