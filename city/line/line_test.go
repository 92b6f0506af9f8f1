package line_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"yitang/city/line"
	"yitang/server/cert"
	"yitang/server/hall"
)

type pair struct {
	nkeys.KeyPair
	public string
}

func newPair(t testing.TB) pair {
	t.Helper()
	k, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return pair{k, public}
}

// site is an embedded server that speaks TLS, with a city and two halls.
type site struct {
	*line.Server
	url        string
	ca         string
	city, a, b pair
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	speak, err := cert.Config(dir, cert.Fixed("127.0.0.1"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := ln.Addr().String()
	ln.Close()
	s := &site{url: "tls://" + listen, ca: filepath.Join(dir, cert.CAFile), city: newPair(t), a: newPair(t), b: newPair(t)}
	s.Server, err = line.Serve(line.Config{Name: "city", Dir: t.TempDir(), Listen: listen, TLS: speak, City: s.city.public,
		Halls: map[hall.ID]string{"a": s.a.public, "b": s.b.public}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// connect connects by a credential; refused receives what the server refuses.
func (s *site) connect(t *testing.T, k pair, id hall.ID) (nc *nats.Conn, refused chan error) {
	t.Helper()
	refused = make(chan error, 16)
	nc, err := nats.Connect(s.url, nats.Nkey(k.public, k.Sign), nats.RootCAs(s.ca), nats.CustomInboxPrefix(line.Inbox(id)), nats.NoReconnect(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc, refused
}

// fill makes the stream and the grants, with something of each hall in them.
func (s *site) fill(t *testing.T) {
	t.Helper()
	nc, _ := s.connect(t, s.city, "city")
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: line.Journal, Subjects: []string{line.JournalFrom},
		SubjectTransform: &jetstream.SubjectTransformConfig{Source: line.JournalFrom, Destination: line.JournalTo()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, bucket := range []string{line.Grants, line.Standard} {
		kv, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: bucket})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"a", "b", "current"} {
			if _, err := kv.PutString(t.Context(), key, "of "+key); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range []hall.ID{"a", "b"} {
		if _, err := js.Publish(t.Context(), line.JournalOf(id), []byte("letter of "+id)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEachHallItsOwn: a hall's credential publishes to its own subject and reads the catalogue and its own grant. It can
// neither write nor read anything of another hall, nor make anything in the stream deliver it.
func TestEachHallItsOwn(t *testing.T) {
	s := newSite(t)
	s.fill(t)
	nc, refused := s.connect(t, s.a, "a")
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.PublishMsg(t.Context(), &nats.Msg{Subject: line.JournalOf("a"), Data: []byte("x")}, jetstream.WithMsgID("a:1")); err != nil {
		t.Errorf("its own journal: %v", err)
	}
	for _, subject := range []string{line.GetOf(line.Grants, "a"), line.GetOf(line.Standard, "current")} {
		if m, err := nc.Request(subject, nil, 20*time.Second); err != nil || !strings.HasPrefix(string(m.Data), "of ") {
			t.Errorf("%s: %v", subject, err)
		}
	}
	for _, subject := range []string{line.JournalOf("b"), line.NowOf("b"), line.AskOf("b"), line.AnswerOf("b"), line.CallOf("b"), line.CallOf("a"), "journal.3.b", line.GetOf(line.Grants, "b"),
		line.SubjectOf(line.Standard, "current"), line.SubjectOf(line.Grants, "a"), "$JS.API.STREAM.INFO." + line.Journal,
		"$JS.API.STREAM.NAMES", "$JS.API.STREAM.MSG.GET." + line.Journal, "$JS.API.DIRECT.GET." + line.Journal,
		"$JS.API.CONSUMER.CREATE." + line.Journal, "$JS.API.CONSUMER.CREATE.KV_" + line.Standard + ".x", "$JS.API.STREAM.DELETE." + line.Journal,
		"$SYS.REQ.SERVER.PING", line.Inbox("b") + ".x"} {
		if err := nc.Publish(subject, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, "publish to "+subject)
	}
	for _, subject := range []string{">", "hall.>", line.JournalOf("b"), line.NowOf("b"), line.CallOf("b"), line.AnswerOf("b"), "journal.>", line.Inbox("b") + ".>", "_INBOX.>", "$KV.>",
		line.SubjectOf(line.Grants, "b"), "$JS.>"} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, "subscribe to "+subject)
	}
}

func expectRefused(t *testing.T, refused chan error, what string) {
	t.Helper()
	select {
	case err := <-refused:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v", what, err)
		}
	case <-time.After(20 * time.Second):
		t.Errorf("%s was not refused", what)
	}
}

// TestRevoked: a hall whose credential is taken away is cut off at once and stays out; the other one goes on.
func TestRevoked(t *testing.T) {
	s := newSite(t)
	s.fill(t)
	a, _ := s.connect(t, s.a, "a")
	b, _ := s.connect(t, s.b, "b")
	closed := make(chan struct{})
	a.SetClosedHandler(func(*nats.Conn) { close(closed) })
	if err := s.Admit(map[hall.ID]string{"b": s.b.public}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Fatal("the revoked hall is still connected")
	}
	if m, err := b.Request(line.GetOf(line.Standard, "current"), nil, 20*time.Second); err != nil || len(m.Data) == 0 {
		t.Errorf("the other hall: %v", err)
	}
	for name, k := range map[string]pair{"revoked": s.a, "unknown": newPair(t)} {
		if nc, err := nats.Connect(s.url, nats.Nkey(k.public, k.Sign), nats.RootCAs(s.ca), nats.NoReconnect()); err == nil {
			nc.Close()
			t.Errorf("%s was let in", name)
		}
	}
	if nc, err := nats.Connect(s.url, nats.RootCAs(s.ca)); err == nil {
		nc.Close()
		t.Error("nobody was let in")
	}
	if nc, err := nats.Connect(strings.Replace(s.url, "tls:", "nats:", 1), nats.Nkey(s.b.public, s.b.Sign)); err == nil {
		nc.Close()
		t.Error("a certificate that nobody trusts was taken")
	}
}

// TestServerConfig is what an existing cluster needs; the server itself reads it.
func TestServerConfig(t *testing.T) {
	city, a := newPair(t), newPair(t)
	text := line.ServerConfig(city.public, map[hall.ID]string{"a": a.public})
	for _, want := range []string{"nkey: " + city.public + " }", `"hall.a.journal"`, `"_INBOX.a.>"`, "max_payload"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	file := filepath.Join(t.TempDir(), "halls.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.ProcessConfigFile(file); err != nil {
		t.Error(err)
	}
}

// TestPartitions: the partition that we reckon is the one in which the server keeps a hall's letters.
func TestPartitions(t *testing.T) {
	s := newSite(t)
	s.fill(t)
	nc, _ := s.connect(t, s.city, "city")
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), line.Journal)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		id := hall.ID(fmt.Sprintf("大厅-%d", i))
		ack, err := js.Publish(t.Context(), line.JournalOf(id), nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := stream.GetMsg(t.Context(), ack.Sequence)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("journal.%d.%s", line.PartitionFor(id), id); m.Subject != want || line.HallOf(m.Subject) != id {
			t.Errorf("%s instead of %s", m.Subject, want)
		}
	}
}
