// Package runonce judges whether people had to come only once (最多跑一次): visits, cases, the three rates with their
// intervals, the reasons of every further visit, and the supervision signals.
//
// It is pure: no clock, no file, no chance. Whoever has tickets and cases (exchange files, a hall's journal) puts them
// into a Data and calls
//
//	func Judge(Data, Query) (*Report, error)
//
// whose answer is the JSON of `yitang runonce`. Data may hold more than the period needs; it must hold every case that
// was closed, opened, accepted or decided in the period or is still open, and every ticket of those cases and of the
// period's days. The only errors are those of Query (days that are none) and *workday.UnknownYearError, when a figure
// needs a calendar year that nobody has described.
//
// # Definitions
//
// The law: 浙江省保障"最多跑一次"改革规定, art. 2. From filing to receiving the result, with complete materials, the
// applicant comes once or not at all. Nobody publishes the figure from ticket data; this is how it is counted here.
//
//   - Day: the calendar day in the hall's zone. What happened after the end of the report day is unknown: later tickets,
//     starts, closings and notices are ignored.
//   - Presence: a ticket proves presence if it was served (started_at), checked in (checked_in_at), or printed at a kiosk
//     or the guide desk in whatever state it ended.
//   - Visit: tickets of one case on one day, in order of issued_at, then id; the next one joins if it is a transfer or was
//     issued at most 60 minutes after the latest end so far. A ticket without end counts until its latest known time.
//     Removed before: tickets of staff, those without presence, and consulting (Q) before the first application (A), or
//     before opened_at where none is; they are reported as consult_visits.
//   - After the closing day only corrections (R, 30 calendar days) and collecting (C) belong to the case.
//   - Linking: the case number; else person and matter on a day between opened and closed (R: and 30 days more), the
//     person being the subject, its credit code or the case's agent; of several the one opened last; else unlinked.
//   - R_all: cases closed (delivered, refused) in the period with at most one visit, among those closed.
//   - R_law: as R_all, but (i) without cases whose first filing was incomplete and whose first written notice came in
//     time (five working days) with no new item in a later one; (ii) visits only to collect are not counted where free
//     delivery was offered and declined, recorded before the decision; (iii) nor visits only for a legally required
//     presence that the guide lists. A later notice with a new item is a failure.
//   - R_AJ: the same for cases opened in the period, the open ones included (see AalenJohansen).
//   - Left out and counted: withdrawn, no authority, test, void.
//
// Intervals: Wilson; Clustered where one agent has five or more of the cases; Newcombe for differences; Funnel and
// BenjaminiHochberg for rankings. Groups of fewer than five cases are suppressed.
package runonce
