package whatif

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"yitang/server/hall"
)

// Row is one ticket of another system's history. Times are minutes of the day; NaN is unknown.
type Row struct {
	Day              hall.Day
	Queue            string
	Issue, Call, End float64
	Windows          int // open for the queue then; 0 is unknown
}

// ReadRows reads a history: CSV with the columns day, queue, ticket, issue_s, call_s, end_s and windows (seconds of the
// day; call_s, end_s and windows may be empty), or with date, queue_id or letter, issue_min, call_min and windows_open.
func ReadRows(r io.Reader) ([]Row, error) {
	in := csv.NewReader(r)
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("history: line 1: the header cannot be read (%w); its columns are day,queue,ticket,issue_s,call_s,end_s,windows", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	c, err := findColumns(header)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("history: %w", err) // names the line
		}
		line, _ := in.FieldPos(0)
		row, err := c.row(record)
		if err != nil {
			return nil, fmt.Errorf("history: line %d: %w", line, err)
		}
		if len(rows) == maxRows {
			return nil, fmt.Errorf("history: more than %d tickets", maxRows)
		}
		rows = append(rows, row)
	}
}

const maxRows = 20_000_000

// columns say where what stands; -1 is not there. Scale turns a time into minutes.
type columns struct {
	day, queue, issue, call, end, windows int
	scale                                 float64
}

func findColumns(header []string) (columns, error) {
	at := func(names ...string) int {
		for _, name := range names {
			if i := slices.Index(header, name); i >= 0 {
				return i
			}
		}
		return -1
	}
	c := columns{day: at("day", "date"), queue: at("queue", "queue_id", "letter"), issue: at("issue_s"), call: at("call_s"),
		end: at("end_s"), windows: at("windows", "windows_open"), scale: 1. / 60}
	if c.issue < 0 {
		c.issue, c.call, c.end, c.scale = at("issue_min"), at("call_min"), at("end_min"), 1
	}
	for name, i := range map[string]int{"day": c.day, "queue": c.queue, "issue_s": c.issue, "call_s": c.call} {
		if i < 0 {
			return c, fmt.Errorf("history: line 1: the column %s is missing; needed are day, queue, issue_s and call_s", name)
		}
	}
	return c, nil
}

func (c columns) row(record []string) (Row, error) {
	if _, err := time.Parse(time.DateOnly, record[c.day]); err != nil {
		return Row{}, fmt.Errorf("day: %q is not YYYY-MM-DD", record[c.day])
	}
	row := Row{Day: hall.Day(record[c.day]), Queue: record[c.queue], End: math.NaN()}
	var err error
	if row.Issue, err = c.time(record, c.issue, false); err != nil {
		return row, fmt.Errorf("issue: %w", err)
	}
	if row.Call, err = c.time(record, c.call, true); err != nil {
		return row, fmt.Errorf("call: %w", err)
	}
	if c.end >= 0 {
		if row.End, err = c.time(record, c.end, true); err != nil {
			return row, fmt.Errorf("end: %w", err)
		}
	}
	if row.Call < row.Issue || row.End < row.Call {
		return row, errors.New("a call before the issue, or an end before the call")
	}
	if c.windows >= 0 && record[c.windows] != "" {
		if row.Windows, err = strconv.Atoi(record[c.windows]); err != nil || row.Windows < 0 {
			return row, fmt.Errorf("windows: %q is not a number", record[c.windows])
		}
	}
	return row, nil
}

func (c columns) time(record []string, i int, mayLack bool) (float64, error) {
	if mayLack && record[i] == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(record[i], 64)
	if err != nil || !(x >= 0 && x*c.scale <= 48*60) {
		return 0, fmt.Errorf("%q is not a time of the day", record[i])
	}
	return x * c.scale, nil
}

// Queue is what a history says of one queue.
type Queue struct {
	Name     string  `json:"name"`
	Tickets  int     `json:"tickets"`
	Windows  int     `json:"windows"`     // the median of those open; 1 where the history tells none
	Told     bool    `json:"told"`        // whether the history tells the windows
	Service  float64 `json:"service_min"` // mean time at a window
	Measured bool    `json:"measured"`    // from ends; otherwise from the pace of the calls
}

// Queues describes the queues of a history, the largest first. Where no end is known, the mean service time is the number
// of windows times the mean time between two calls while somebody waited: the pace at which the windows became free.
func Queues(rows []Row) []Queue {
	byQueue := map[string][]Row{}
	for _, r := range rows {
		byQueue[r.Queue] = append(byQueue[r.Queue], r)
	}
	var list []Queue
	for name, rows := range byQueue {
		list = append(list, describe(name, rows))
	}
	slices.SortFunc(list, func(a, b Queue) int {
		return cmp.Or(cmp.Compare(b.Tickets, a.Tickets), cmp.Compare(a.Name, b.Name))
	})
	return list
}

const usualService = 10 // minutes, where a history tells nothing

func describe(name string, rows []Row) Queue {
	q := Queue{Name: name, Tickets: len(rows), Windows: 1}
	var windows []int
	var ends []float64
	for _, r := range rows {
		if r.Windows > 0 {
			windows = append(windows, r.Windows)
		}
		if r.End > r.Call {
			ends = append(ends, r.End-r.Call)
		}
	}
	if len(windows) > 0 {
		slices.Sort(windows)
		q.Windows, q.Told = windows[len(windows)/2], true
	}
	if len(ends) > len(rows)/2 {
		q.Service, q.Measured = average(ends), true
		return q
	}
	q.Service = usualService
	if pace := busyGaps(rows); len(pace) > 0 {
		q.Service = max(0.5, float64(q.Windows)*average(pace))
	}
	return q
}

// busyGaps are the times from each call to the next of the day, where the next person was waiting already.
func busyGaps(rows []Row) []float64 {
	called := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return math.IsNaN(r.Call) })
	slices.SortStableFunc(called, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Call, b.Call))
	})
	var gaps []float64
	for i := 1; i < len(called); i++ {
		if a, b := called[i-1], called[i]; a.Day == b.Day && b.Issue <= a.Call {
			gaps = append(gaps, b.Call-a.Call)
		}
	}
	return gaps
}

func average(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return sum / float64(len(list))
}

// serviceCV2 is the squared coefficient of variation of the service times that are drawn where none is known.
const serviceCV2 = 1.5

// Days turns a history into days for Replay. Matter names the matter of a queue; rows of other queues are left out.
// Service times that are not known are drawn, log-normal with the queue's mean, the same for the same seed. Windows are
// those of windows, for each queue, from the day's first ticket to its last call and until nobody waits, on the days on
// which the queue had tickets.
func Days(rows []Row, matter map[string]hall.MatterCode, windows map[string][]hall.WindowID, seed uint64) []Day {
	service := map[string]Queue{}
	for _, q := range Queues(rows) {
		service[q.Name] = q
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Issue, b.Issue))
	})
	draw := newRandom(seed, 4)
	var days []Day
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && rows[j].Day == rows[i].Day {
			j++
		}
		days = append(days, pastDay(rows[i:j], matter, windows, service, draw))
		i = j
	}
	return days
}

func pastDay(rows []Row, matter map[string]hall.MatterCode, windows map[string][]hall.WindowID, service map[string]Queue, draw *random) Day {
	d := Day{Day: rows[0].Day, Stay: true}
	midnight, _ := time.Parse(time.DateOnly, string(d.Day)) // was checked
	at := func(min float64) hall.Millis { return hall.Millis(midnight.UnixMilli()) + hall.Millis(min*minuteMS) }
	first, last, seen := rows[0].Issue, 0.0, []string{}
	for _, r := range rows {
		q := service[r.Queue]
		drawn := logNormal(q.Service, serviceCV2, draw.normal()) // also where it is known, so that nothing else changes
		code, known := matter[r.Queue]
		if !known {
			continue
		}
		measured := r.End > r.Call
		if measured {
			drawn = r.End - r.Call
		}
		v := Visit{Guessed: !measured, At: at(r.Issue), Priority: hall.Ordinary, Matters: []hall.MatterCode{code}, Service: hall.Millis(drawn * minuteMS), Waited: Unknown, Windows: 1}
		if r.Call >= r.Issue {
			v.Waited = at(r.Call) - v.At
		}
		last = math.Max(last, math.Max(r.Issue, orZero(r.Call))+q.Service)
		d.Visits = append(d.Visits, v)
		if !slices.Contains(seen, r.Queue) {
			seen = append(seen, r.Queue)
		}
	}
	slices.Sort(seen)
	for _, queue := range seen {
		for _, w := range windows[queue] {
			d.Spells = append(d.Spells, Spell{Window: w, From: at(first), To: at(last)})
		}
	}
	return d
}

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}
