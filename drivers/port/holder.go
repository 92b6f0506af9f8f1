package port

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const anotherProgram = "another program"

// holder names who holds the flock on the file open at fd: "program (pid n)", or another program when the kernel does
// not tell (proc(5), /proc/locks).
func holder(fd int) string {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return anotherProgram
	}
	locks, err := os.Open("/proc/locks")
	if err != nil {
		return anotherProgram
	}
	defer locks.Close()
	want := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
	for lines := bufio.NewScanner(locks); lines.Scan(); {
		// "1: FLOCK  ADVISORY  WRITE 1234 00:16:5 0 EOF"
		field := strings.Fields(lines.Text())
		if len(field) >= 6 && field[1] == "FLOCK" && field[5] == want {
			return program(field[4])
		}
	}
	return anotherProgram
}

func program(pid string) string {
	if pid == fmt.Sprint(os.Getpid()) {
		return "this program (pid " + pid + ")"
	}
	name, err := os.ReadFile("/proc/" + pid + "/comm") // #nosec G304 -- a number out of /proc
	if err != nil {
		return anotherProgram + " (pid " + pid + ")"
	}
	return strings.TrimSpace(string(name)) + " (pid " + pid + ")"
}
