package hall_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
)

// floor holds what the rule sees to what the view shows: the same tickets with their places and classes, the same
// windows, and tallies that a count confirms.
func (x *machine) floor(v *hall.View) {
	f := x.s.Floor()
	want, got := map[uint64]hall.Stand{}, map[uint64]hall.Stand{}
	for _, t := range waiting(v) {
		s := hall.Stand{Since: t.Place, Order: t.Order}
		if t.Place == 0 {
			s.Since = hall.First
		}
		want[t.Order] = s
	}
	counted := map[hall.SkillNo]int{}
	f.All(func(n *hall.Need, c hall.ClassNo, s hall.Stand) {
		got[s.Order] = s
		t := x.s.TicketByOrder(s.Order)
		if t == nil || t.Priority.Class() != c || t.For != "" && x.s.Post(t.For) != n.Post || t.For == "" && n.Post != hall.AnyPost {
			x.Fatalf("%+v stands as %d for %+v", t, c, n)
		}
		for _, k := range slices.Compact(slices.Clone(n.Skills)) {
			counted[k]++
		}
	})
	if !maps.Equal(want, got) || f.Waiting() != len(want) {
		x.Fatalf("%v stand on the floor, %v wait", got, want)
	}
	x.posts(f, v)
	for j := range v.Layout.Fields {
		for a := range hall.Acts() {
			if k := hall.SkillNo(j*3 + a); f.WaitingFor(k) != counted[k] {
				x.Fatalf("skill %d: %d, counted %d", k, f.WaitingFor(k), counted[k])
			}
		}
	}
}

func (x *machine) posts(f *hall.Floor, v *hall.View) {
	open, free := map[hall.SkillNo]int{}, map[hall.SkillNo]int{}
	for i, w := range v.Windows {
		p := f.Posts()[i]
		want := hall.PostClosed
		switch {
		case w.State == hall.Open && w.Ticket == nil:
			want = hall.PostFree
		case w.State == hall.Open:
			want = hall.PostBusy
		}
		if p.State != want {
			x.Fatalf("window %s is %d on the floor, not %d", w.Plan.ID, p.State, want)
		}
		for _, k := range p.Skills {
			if want != hall.PostClosed {
				open[k]++
			}
			if want == hall.PostFree {
				free[k]++
			}
		}
	}
	for j := range v.Layout.Fields {
		for a := range hall.Acts() {
			if k := hall.SkillNo(j*3 + a); f.Open(k) != open[k] || f.FreeWith(k) != free[k] {
				x.Fatalf("skill %d: %d open and %d free, counted %d and %d", k, f.Open(k), f.FreeWith(k), open[k], free[k])
			}
		}
	}
}

func waiting(v *hall.View) []*hall.Ticket {
	var list []*hall.Ticket
	for _, q := range v.Queues {
		list = append(list, q.Waiting...)
	}
	for _, q := range v.AtWindow {
		list = append(list, q...)
	}
	return list
}

// TestFloorKeepsOrder drives lanes and a sorted list with the same comings and goings, and a clone with others.
func TestFloorKeepsOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := hall.NewFloor(hall.Terms{Targets: []hall.Millis{1, 2}}, 2, []hall.Post{{Skills: []hall.SkillNo{0, 1}}})
		n := f.Need([]hall.SkillNo{1, 0}, hall.AnyPost)
		if f.Need([]hall.SkillNo{0, 1}, hall.AnyPost) != n {
			r.Fatal("the order of matters makes another need")
		}
		var list []hall.Stand
		for i := range rapid.IntRange(1, 200).Draw(r, "steps") {
			if len(list) > 0 && rapid.IntRange(0, 2).Draw(r, "go") > 0 {
				j := rapid.IntRange(0, len(list)-1).Draw(r, "which") * rapid.IntRange(0, 1).Draw(r, "first")
				f.Remove(n, 1, list[j])
				list = slices.Delete(list, j, j+1)
			} else {
				s := hall.Stand{Since: hall.Millis(rapid.IntRange(0, 9).Draw(r, "since")), Order: uint64(i)}
				f.Add(n, 1, s)
				list = append(list, s)
				slices.SortFunc(list, func(a, b hall.Stand) int {
					if a.Since != b.Since {
						return int(a.Since - b.Since)
					}
					return int(a.Order) - int(b.Order)
				})
			}
			c := f.Clone()
			cn := c.Need([]hall.SkillNo{0, 1}, hall.AnyPost)
			c.Add(cn, 1, hall.Stand{Since: -1, Order: 1000}) // does not show in the original
			if head, many := n.Head(1); many != len(list) || many > 0 && head != list[0] {
				r.Fatalf("%d wait, %+v first; want %v", many, head, list)
			}
			if head, many := cn.Head(1); many != len(list)+1 || head.Order != 1000 {
				r.Fatalf("the clone: %d wait, %+v first", many, head)
			}
		}
	})
}
