package hall

// CaseID names a case (办件): the business day and a running number for those the hall opens, 20250603-0001; an approval
// system's own name for those that it sends.
type CaseID string

// CaseState is where a case is in its life.
type CaseState string

// The states of a case.
const (
	CaseFiled      CaseState = "filed"      // opened by the first attempt to file; not accepted yet
	CaseAccepted   CaseState = "accepted"   // 受理
	CaseSupplement CaseState = "supplement" // accepted, and waits for papers that a notice named
	CaseSuspended  CaseState = "suspended"  // the clock stands for a reason that the law names
	CaseDecided    CaseState = "decided"
	CaseReady      CaseState = "ready" // the result waits to be received
	CaseClosed     CaseState = "closed"
)

// CaseStates lists the states of a case, in the order of its life.
func CaseStates() []CaseState {
	return []CaseState{CaseFiled, CaseAccepted, CaseSupplement, CaseSuspended, CaseDecided, CaseReady, CaseClosed}
}

// End is how a case ended.
type End string

// The ends of a case.
const (
	Delivered   End = "delivered"
	Refused     End = "refused"
	Withdrawn   End = "withdrawn"
	NoAuthority End = "no_authority"
	EndTest     End = "test"
	EndVoid     End = "void"
)

// Case is one application for one matter, from the first attempt to file to the result received. A *Case that State hands
// out never changes.
type Case struct {
	ID            CaseID     `json:"case"`
	Seq           uint64     `json:"seq"` // of the event that opened it
	Matter        MatterCode `json:"matter"`
	Subject       string     `json:"subject,omitempty"`      // pseudonym of the applicant, empty without identity
	SubjectKind   string     `json:"subject_kind,omitempty"` // person or company
	Agent         string     `json:"agent,omitempty"`        // pseudonym of who files for the subject
	Channel       string     `json:"channel,omitempty"`      // window, or what the approval system says
	Ticket        TicketID   `json:"ticket,omitempty"`       // that opened it
	State         CaseState  `json:"state"`
	OpenedAt      Millis     `json:"opened_at"`
	AcceptedAt    Millis     `json:"accepted_at,omitempty"`
	DecidedAt     Millis     `json:"decided_at,omitempty"`
	ReadyAt       Millis     `json:"ready_at,omitempty"`
	ClosedAt      Millis     `json:"closed_at,omitempty"`
	End           End        `json:"end,omitempty"`
	FirstComplete string     `json:"first_complete,omitempty"` // yes, no or unknown

	PromisedDays int    `json:"promised_days,omitempty"` // working days
	PromisedDay  Day    `json:"promised_day,omitempty"`  // empty while the calendar does not know the year
	ExtendedDays int    `json:"extended_days,omitempty"`
	SuspendedOn  Day    `json:"suspended_on,omitempty"`
	SuspendedFor string `json:"suspended_for,omitempty"` // why the clock stands

	Department     string `json:"department,omitempty"` // that has it now
	SentAt         Millis `json:"sent_at,omitempty"`
	AcknowledgedAt Millis `json:"acknowledged_at,omitempty"`
	ReturnedFor    string `json:"returned_for,omitempty"` // why a department sent it back

	Decision   string `json:"decision,omitempty"` // granted or refused
	Org        string `json:"org,omitempty"`      // that decided
	Seal       string `json:"seal,omitempty"`
	DocumentNo string `json:"document_no,omitempty"`

	Offered  string `json:"delivery_offered,omitempty"` // free delivery: yes or no
	Chosen   string `json:"delivery_chosen,omitempty"`  // mail or collect
	WishAt   Millis `json:"delivery_recorded_at,omitempty"`
	How      string `json:"delivered_how,omitempty"` // window, mail or electronic
	Tracking string `json:"tracking,omitempty"`

	Authority string          `json:"authority,omitempty"` // the right one, where the hall has no authority
	Notices   []OneTimeNotice `json:"notices,omitempty"`
	Deferred  []Deferral      `json:"deferred,omitempty"`
	Joint     []Opinion       `json:"joint,omitempty"`
	Master    bool            `json:"master,omitempty"` // an approval system is its master
}

// OneTimeNotice is a one-time notice (一次性告知): what is missing.
type OneTimeNotice struct {
	Seq     int      `json:"seq"` // from 1 in its case
	At      Millis   `json:"at"`
	Items   []string `json:"items,omitempty"`
	Written bool     `json:"written,omitempty"`
	Contact string   `json:"contact,omitempty"` // whom to ask
	By      Actor    `json:"by,omitempty"`
}

// Deferral is a paper that may follow (容缺受理), and until when.
type Deferral struct {
	Item  string `json:"item"`
	Until Day    `json:"until"`
}

// Opinion is one department's part in a joint visit, review or acceptance check.
type Opinion struct {
	Department string `json:"department"`
	Kind       string `json:"kind"`             // visit, review or check
	Result     string `json:"result,omitempty"` // pass or fail; empty while it is awaited
	Note       string `json:"note,omitempty"`
	At         Millis `json:"at,omitempty"`
}

// Over says whether the case is closed.
func (c *Case) Over() bool { return c.State == CaseClosed }

// Attempted says whether somebody has tried to file it: with an acceptance, a notice or a word of what is missing as the result.
func (c *Case) Attempted() bool {
	return c.AcceptedAt != 0 || c.FirstComplete != "" || len(c.Notices) > 0
}

// Awaits says whether a department's opinion is outstanding.
func (c *Case) Awaits() bool {
	for _, o := range c.Joint {
		if o.Result == "" {
			return true
		}
	}
	return false
}

// fileKey finds a case by who files and for what.
type fileKey struct {
	person string
	matter MatterCode
}

// files are the cases that are open, and those closed since the day was opened.
type files struct {
	byID   map[CaseID]*Case
	filed  map[fileKey][]CaseID // open ones, in the order of opening
	opened int                  // cases opened by the hall on this business day
	closed []CaseID             // since the day was opened
}

func newFiles() files {
	return files{byID: map[CaseID]*Case{}, filed: map[fileKey][]CaseID{}}
}

// Case returns a case that is open or was closed today, or nil.
func (s *State) Case(id CaseID) *Case { return s.files.byID[id] }

// FindCase is the open case of a person for a matter that was opened last, or nil. The person may be the applicant or
// the agent.
func (s *State) FindCase(person string, m MatterCode) *Case {
	if person == "" {
		return nil
	}
	if list := s.files.filed[fileKey{person, m}]; len(list) > 0 {
		return s.files.byID[list[len(list)-1]]
	}
	return nil
}

// put stores a case's new version and keeps the index in step.
func (f *files) put(c *Case) {
	if old := f.byID[c.ID]; old != nil && !old.Over() {
		f.unfile(old)
	}
	f.byID[c.ID] = c
	if c.Over() {
		f.closed = append(f.closed, c.ID)
		return
	}
	for _, p := range c.people() {
		k := fileKey{p, c.Matter}
		list := f.filed[k]
		i := len(list)
		for i > 0 && f.byID[list[i-1]].Seq > c.Seq {
			i--
		}
		f.filed[k] = append(list[:i:i], append([]CaseID{c.ID}, list[i:]...)...)
	}
}

func (f *files) unfile(c *Case) {
	for _, p := range c.people() {
		k := fileKey{p, c.Matter}
		var rest []CaseID
		for _, id := range f.filed[k] {
			if id != c.ID {
				rest = append(rest, id)
			}
		}
		if len(rest) == 0 {
			delete(f.filed, k)
		} else {
			f.filed[k] = rest
		}
	}
}

// people are who the case is found by.
func (c *Case) people() []string {
	var out []string
	if c.Subject != "" {
		out = append(out, c.Subject)
	}
	if c.Agent != "" && c.Agent != c.Subject {
		out = append(out, c.Agent)
	}
	return out
}

// newDay lets go of what was closed on the day before.
func (f *files) newDay() {
	for _, id := range f.closed {
		if c := f.byID[id]; c != nil && c.Over() {
			delete(f.byID, id)
		}
	}
	f.closed, f.opened = nil, 0
}

// Kept is what outlives a business day: it is read from the projections at the start instead of from the journal's
// whole history.
type Kept struct {
	Cases []*Case // open, or closed since the newest day was opened, in the order of opening
	Tasks []*Task // ratings that wait to be dealt with, or were closed since
	Leads []*Lead // all that somebody has touched
	// Appointments are booked, or of the newest day and later, or no-shows of the last year.
	Appointments []*Appointment
}

// Restore takes over what is kept, after the newest day has been replayed: it is as it was after the last event, while
// the replay saw only that day's part of it.
func (s *State) Restore(k Kept) {
	opened := s.files.opened
	s.files = newFiles()
	s.files.opened = opened
	for _, c := range k.Cases {
		s.files.put(c)
	}
	s.tasks.byID = map[RatingID]*Task{}
	for _, t := range k.Tasks {
		s.tasks.put(t)
	}
	s.leads = make(map[LeadID]*Lead, len(k.Leads))
	for _, l := range k.Leads {
		s.leads[l.ID] = l
	}
	s.restoreAppointments(k.Appointments)
}
