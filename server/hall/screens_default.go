package hall

// DefaultScreens is how a hall's screens are before anybody arranges them: each shows what its name says.
func DefaultScreens() *Screens {
	return &Screens{Voice: DefaultVoice()}
}

// DefaultVoice speaks Chinese and Uyghur after a gong; who does not come is called three times, 20 s apart.
func DefaultVoice() Voice {
	return Voice{Languages: []string{"zh", "ug"}, Gong: true, Rate: 160, Times: 3, EveryS: 20,
		Volumes: []VolumeFrom{{From: 0, Volume: 60}, {From: 8 * 60, Volume: 100}, {From: 20 * 60, Volume: 60}}}
}

// DefaultPlan is a screen of a kind as it comes: both orientations, ready to be changed.
func DefaultPlan(id ScreenID, kind ScreenKind) ScreenPlan {
	p := ScreenPlan{ID: id, Kind: kind, Languages: []string{"zh", "ug"}, Theme: "dark", Clerk: kind == WindowScreen, Silent: kind == WindowScreen}
	p.Landscape, p.Portrait = defaultPanels(kind)
	return p
}

func defaultPanels(kind ScreenKind) (landscape, portrait []Panel) {
	switch kind {
	case WindowScreen:
		return []Panel{{HeadPanel, 0, 0, 24, 3}, {WindowPanel, 0, 3, 24, 21}}, []Panel{{HeadPanel, 0, 0, 24, 2}, {WindowPanel, 0, 2, 24, 22}}
	case WaitingScreen:
		return []Panel{{HeadPanel, 0, 0, 24, 3}, {NewestPanel, 0, 3, 15, 10}, {CallsPanel, 0, 13, 15, 9}, {NoticesPanel, 15, 3, 9, 19}, {TickerPanel, 0, 22, 24, 2}},
			[]Panel{{HeadPanel, 0, 0, 24, 2}, {NewestPanel, 0, 2, 24, 10}, {CallsPanel, 0, 12, 24, 5}, {NoticesPanel, 0, 17, 24, 6}, {TickerPanel, 0, 23, 24, 1}}
	}
	return []Panel{{HeadPanel, 0, 0, 24, 3}, {NewestPanel, 0, 3, 16, 10}, {CallsPanel, 0, 13, 16, 9}, {WaitingPanel, 16, 3, 8, 17},
			{PausedPanel, 16, 20, 8, 2}, {TickerPanel, 0, 22, 24, 2}},
		[]Panel{{HeadPanel, 0, 0, 24, 2}, {NewestPanel, 0, 2, 24, 10}, {CallsPanel, 0, 12, 24, 5}, {WaitingPanel, 0, 17, 24, 5},
			{PausedPanel, 0, 22, 24, 1}, {TickerPanel, 0, 23, 24, 1}}
}
