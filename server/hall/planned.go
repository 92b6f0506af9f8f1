package hall

// PlanLayout has a layout come into force with the next business day, in place of what was planned before. Withdraw
// gives the plan up; the layout is then not looked at.
type PlanLayout struct {
	Layout   Layout
	Withdraw bool
	Base     string // version that it was made from, which must still be in force; empty: any
}

func (c PlanLayout) decide(s *State, _ call) ([]Body, error) {
	if c.Withdraw {
		if s.planned == nil {
			return nil, nil
		}
		return []Body{&LayoutPlanned{Withdrawn: true}}, nil
	}
	if err := s.basedOn(c.Base); err != nil {
		return nil, err
	}
	if err := c.Layout.Check(); err != nil {
		return nil, refuse(CodeInvalid, "布局有误：%s。", InWords(err))
	}
	if c.Layout.Hall != s.layout.Hall {
		return nil, refuse(CodeInvalid, "布局属于大厅 %q，不是本大厅 %q。", c.Layout.Hall, s.layout.Hall)
	}
	return []Body{&LayoutPlanned{Layout: c.Layout}}, nil
}

// basedOn refuses a change that was made from another layout than the one in force.
func (s *State) basedOn(version string) error {
	if version != "" && version != s.layout.Version {
		return refuse(CodeLayoutChanged, "布局刚被其他人修改过。请刷新页面，再改一次。")
	}
	return nil
}

// LayoutPlanned says which layout the next business day begins with.
type LayoutPlanned struct {
	Layout    Layout `json:"layout,omitzero"`
	Withdrawn bool   `json:"withdrawn,omitempty"`
}

// Kind names the body in the journal.
func (*LayoutPlanned) Kind() Kind { return KindLayoutPlanned }

func (b *LayoutPlanned) apply(s *State, _ *Event) {
	if b.Withdrawn {
		s.planned = nil
		return
	}
	s.planned = &b.Layout
}

// begin is what a day begins with: the planned layout, where there is one.
func (s *State) begin() []Body {
	if s.planned == nil {
		return nil
	}
	return []Body{&LayoutAdopted{Layout: *s.planned}}
}
