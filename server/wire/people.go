package wire

// DisclosureRequest asks for everything that is kept about a person who has shown who they are.
type DisclosureRequest struct {
	Person Person `json:"person"`
	Proof  string `json:"proof"` // what was looked at: it stands in the access record
}
