package wire

// NearHall is another hall of the city that serves the same matters sooner.
type NearHall struct {
	Hall    string   `json:"hall"`
	Name    string   `json:"name"`
	Address string   `json:"address,omitempty"`
	Km      *float64 `json:"km,omitempty"` // as the crow flies; absent where a place is not known
	Wait    Wait     `json:"wait"`
	AgeS    int      `json:"age_s"` // how old that hall's word is
}

// Nearby is where the same could be done sooner. Without a city, with the line down, or where nothing is sooner, Halls is
// empty.
type Nearby struct {
	Own   *Wait      `json:"own,omitempty"` // here, for somebody who comes now
	Halls []NearHall `json:"halls"`
}
