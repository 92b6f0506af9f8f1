package exchange

import (
	"errors"
	"io/fs"
	"strconv"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// maxPromised bounds a promise in working days, as the hall's own lists do.
const maxPromised = 365

func matterDesign() design {
	return design{MattersFile, []string{"code"}, []string{"name", "department", "kind", "statutory_working_days",
		"promised_working_days", "materials", "transferred", "subject", "avg_service_minutes", "name_ug", "name_kk", "name_en",
		"field", "guide_visits", "site_visit", "transferred_from", "keywords"}}
}

// ReadStandards reads what the judging needs of the matters, nil where the folder has no such list.
func ReadStandards(files fs.FS) (map[hall.MatterCode]runonce.Standard, error) {
	if _, err := fs.Stat(files, MattersFile); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	f := folder{files: files}
	list, seen := map[hall.MatterCode]runonce.Standard{}, map[string]int32{}
	_, err := f.each(matterDesign(), func(t *table) error {
		code := t.id(0)
		unique(t, 0, seen, code)
		list[hall.MatterCode(code)] = runonce.Standard{Department: t.text(2), Promised: t.days(5), Transferred: t.yesNo(7) == "yes",
			GuideVisits: t.yesNo(14) == "yes", SiteVisit: t.yesNo(15) == "yes", TransferredFrom: t.day(16)}
		return nil
	})
	if err == nil && len(f.problems) > 0 {
		err = f.problems
	}
	return list, err
}

// days is a number of working days, 0 where it is unknown.
func (t *table) days(col int) int {
	v := t.cell(col)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > maxPromised {
		t.refuseCell(col, "%q is not a whole number from 0 to %d", v, maxPromised)
	}
	return n
}

// day is a day, empty where it is unknown.
func (t *table) day(col int) hall.Day {
	v := t.cell(col)
	if _, err := time.Parse(time.DateOnly, v); v != "" && err != nil {
		t.refuseCell(col, "%q is not a day written YYYY-MM-DD", v)
	}
	return hall.Day(v)
}
