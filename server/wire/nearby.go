package wire

// NearHall is another hall of the city that serves the same matters sooner.
type NearHall struct {
	Hall    string   `json:"hall"`
	Name    string   `json:"name"`
	Address string   `json:"address,omitempty"`
	Km      *float64 `json:"km,omitempty"` // as the crow flies; absent where a place is not known
	Wait    Wait     `json:"wait"`
	AgeS    int      `json:"age_s"`           // how old that hall's word is
	Books   bool     `json:"books,omitempty"` // it takes appointments, from here too
}

// OtherHall is another hall of the city that takes appointments.
type OtherHall struct {
	Hall    string   `json:"hall"`
	Name    string   `json:"name"`
	Address string   `json:"address,omitempty"`
	Km      *float64 `json:"km,omitempty"`
}

// OtherHalls are they, the nearest first; none without a city, or with the line to it down.
type OtherHalls struct {
	Halls []OtherHall `json:"halls"`
}

// Nearby is where the same could be done sooner. Without a city, with the line down, or where nothing is sooner, Halls is
// empty.
type Nearby struct {
	Own   *Wait      `json:"own,omitempty"` // here, for somebody who comes now
	Halls []NearHall `json:"halls"`
}
