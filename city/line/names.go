package line

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"yitang/server/hall"
)

// Journal is the stream of the halls' journals. It is cut into Partitions by the hall's name, so that several workers can
// take it in while the events of one hall stay in order.
const (
	Journal    = "JOURNAL"
	Partitions = 16
)

// Buckets that halls read: the city's catalogue, and for each hall a sealed grant.
const (
	Standard = "standard"
	Grants   = "grants"
)

// JournalOf is where a hall publishes its journal, Everywhere the same of all halls.
func JournalOf(id hall.ID) string { return "hall." + string(id) + ".journal" }

// NowOf is where a hall says how it is at the moment: only the newest word counts, so it is kept nowhere.
func NowOf(id hall.ID) string { return "hall." + string(id) + ".now" }

// AskOf is where a hall asks the city something.
func AskOf(id hall.ID) string { return "hall." + string(id) + ".ask" }

// CallOf is where another hall's errand reaches a hall, and AnswerOf where it says what came of it: on a subject of its own, so
// that it needs no right to answer anywhere else.
func CallOf(id hall.ID) string { return "hall." + string(id) + ".call" }

// AnswerOf belongs to CallOf.
func AnswerOf(id hall.ID) string { return "hall." + string(id) + ".answer" }

// HallOf is the hall of a subject: of those above, or of the stream's own (journal.PARTITION.HALL).
func HallOf(subject string) hall.ID {
	parts := strings.Split(subject, ".")
	switch {
	case len(parts) == 3 && parts[0] == "hall":
		return hall.ID(parts[1])
	case len(parts) == 3 && parts[0] == "journal":
		return hall.ID(parts[2])
	}
	return ""
}

// PartitionOf are the subjects of a partition in the stream.
func PartitionOf(n int) string { return fmt.Sprintf("journal.%d.>", n) }

// PartitionFor is the partition of a hall, as the server reckons it: FNV-1a over the name.
func PartitionFor(id hall.ID) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int(h.Sum32() % Partitions)
}

// How the server spreads the halls: the stream renames hall.HALL.journal to journal.PARTITION.HALL.
const (
	JournalFrom = "hall.*.journal"
	NowFrom     = "hall.*.now"
	AskFrom     = "hall.*.ask"
	AnswerFrom  = "hall.*.answer"
)

// JournalTo is the other half of that renaming.
func JournalTo() string {
	return fmt.Sprintf("journal.{{partition(%d,1)}}.{{wildcard(1)}}", Partitions)
}

// Inbox is where a hall gets its answers: nobody else may listen there.
func Inbox(id hall.ID) string { return "_INBOX." + string(id) }

// SubjectOf is where a key of a bucket is put.
func SubjectOf(bucket, key string) string { return "$KV." + bucket + "." + key }

// GetOf is how the newest value of a key is asked for without any right to the stream itself.
func GetOf(bucket, key string) string {
	return "$JS.API.DIRECT.GET.KV_" + bucket + "." + SubjectOf(bucket, key)
}

// Permissions are the subjects of a credential.
type Permissions struct{ Publish, Subscribe []string }

// PermissionsOf is what a hall's credential may do: say its own things, read the catalogue and its own grant. It may make
// no consumer, since a consumer could be told to deliver into another hall's subject.
func PermissionsOf(id hall.ID) Permissions {
	return Permissions{
		Publish: []string{JournalOf(id), NowOf(id), AskOf(id), AnswerOf(id), "$JS.API.DIRECT.GET.KV_" + Standard + ".>",
			GetOf(Grants, string(id))},
		Subscribe: []string{Inbox(id) + ".>", CallOf(id), SubjectOf(Standard, ">"), SubjectOf(Grants, string(id))},
	}
}

// ServerConfig are the same credentials for the configuration file of a cluster of one's own.
func ServerConfig(city string, halls map[hall.ID]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "max_payload: 8MB\nauthorization {\n  timeout: %d\n  users = [\n    { nkey: %s }\n", authWithin, city)
	for _, id := range slices.Sorted(maps.Keys(halls)) {
		key, may := halls[id], PermissionsOf(id)
		fmt.Fprintf(&b, "    { nkey: %s, permissions: { publish: { allow: [%s] }, subscribe: { allow: [%s] } } } # %s\n", key,
			quoted(may.Publish), quoted(may.Subscribe), id)
	}
	b.WriteString("  ]\n}\n")
	return b.String()
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, ", ")
}

func split(hostport string) (string, int, error) {
	host, text, err := net.SplitHostPort(hostport)
	if err != nil {
		return "", 0, fmt.Errorf("line: %w; write host:port", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return "", 0, fmt.Errorf("line: %s: the port is no number", hostport)
	}
	if port == 0 {
		port = -1 // any free one
	}
	return host, port, nil
}
