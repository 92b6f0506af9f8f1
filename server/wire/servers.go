package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// MaxServers bounds how many servers of one hall a client knows: the primary and its standbys.
const MaxServers = 4

// servers are the addresses under which a hall may be, shared by all copies of a client. Requests go to one of them until it
// does not answer, or says that it is not the primary; then to the next.
type servers struct {
	mu    sync.Mutex
	list  []string
	at    int
	epoch int // the highest that one of them has named
}

// ParseServers reads one address or several, separated by commas, the primary first.
func ParseServers(text string) ([]string, error) {
	var list []string
	for _, s := range strings.Split(text, ",") {
		s = strings.TrimRight(strings.TrimSpace(s), "/")
		if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("%q is no address like http://10.1.1.5:8080: write it with http:// or https://", s)
		}
		list = append(list, s)
	}
	if len(list) > MaxServers {
		return nil, fmt.Errorf("%d servers; a hall has %d at most", len(list), MaxServers)
	}
	return list, nil
}

func newServers(base string) *servers {
	list := strings.Split(base, ",")
	for i := range list {
		list[i] = strings.TrimRight(strings.TrimSpace(list[i]), "/")
	}
	return &servers{list: list}
}

func (s *servers) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list[s.at]
}

// missed goes on to the next server, unless somebody else has done so already.
func (s *servers) missed(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list[s.at] == base {
		s.at = (s.at + 1) % len(s.list)
	}
}

// believe refuses the answer of a primary that has been replaced: another server has named a higher epoch.
func (s *servers) believe(h http.Header) error {
	epoch, err := strconv.Atoi(h.Get(EpochHeader))
	if err != nil { // an older program, or something in between
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if epoch < s.epoch {
		return fmt.Errorf("wire: %w: it was replaced, its epoch is %d and not %d", ErrNoAnswer, epoch, s.epoch)
	}
	s.epoch = epoch
	return nil
}
