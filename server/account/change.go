package account

// Change is what an act does to the accounts. It goes to disk in the transaction that writes the act into the journal, in this
// order, so that neither is ever without the other.
type Change struct {
	Passwords []Account        // new hashes: the one before is kept among the last ones, the sessions end
	Put       []Account        // made, or replaced as a whole
	End       []string         // users whose tokens end
	Session   string           // id of one session that ends; empty: none
	Token     []byte           // digest of one token that ends; nil: none
	Tokens    []Token          // new ones
	Tries     map[string]Tries // by subject; the zero value forgets it
}
