package hall

import "errors"

// MaxImportCases bounds one import of open cases.
const MaxImportCases = 20_000

// ImportCases takes open cases (办件) over from an approval system, their master from then on: all of them, or none. Lines
// are where each stands in its file; Known the case as it is on disk where it was closed on an earlier day.
type ImportCases struct {
	Cases []SyncCase
	Lines []int
}

// atLine says in which line a refused case stands.
func atLine(line int, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return refuse(e.Code, "第 %d 行：%s", line, e.Message)
}

func (c ImportCases) decide(s *State, at call) ([]Body, error) {
	if len(c.Cases) == 0 || len(c.Cases) > MaxImportCases {
		return nil, refuse(CodeInvalid, "没有在办的办件，或超过 %d 件。请分成几个文件。", MaxImportCases)
	}
	out := make([]Body, 0, len(c.Cases))
	for i, k := range c.Cases {
		if old := s.files.byID[k.Case.ID]; old != nil && !old.Master || k.Known != nil && !k.Known.Master {
			return nil, refuse(CodeInvalid, "第 %d 行：办件 %s 是本大厅受理的，不能由文件改写。", c.Lines[i], k.Case.ID)
		}
		bodies, err := k.decide(s, at)
		if err != nil {
			return nil, atLine(c.Lines[i], err)
		}
		synced := bodies[0].(*CaseSynced)
		if s.files.byID[k.Case.ID] == nil && k.Known == nil { // it is opened by this event
			synced.Case.Seq = s.seq + 1 + uint64(len(out))
		}
		out = append(out, synced)
	}
	return out, nil
}
