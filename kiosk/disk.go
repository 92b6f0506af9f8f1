package kiosk

import (
	"errors"
	"sync"

	"golang.org/x/sys/unix"
)

// disk remembers which of the kiosk's files its disk takes, so that one that it takes does not hide another that it does not.
type disk struct {
	mu    sync.Mutex
	wrong map[string]error // by file
}

// took is told how the disk took the last line of a file, and tells page and hall when that changes.
func (a *agent) took(file string) func(error) {
	return func(err error) {
		a.disk.mu.Lock()
		defer a.disk.mu.Unlock()
		if a.disk.wrong == nil {
			a.disk.wrong = map[string]error{}
		}
		a.disk.wrong[file] = err
		for _, other := range a.disk.wrong {
			if err == nil {
				err = other
			}
		}
		a.health(partDisk, diskHealth(err))
	}
}

// diskHealth says to the hall's staff what a disk that takes nothing costs, and what to do.
func diskHealth(err error) DeviceHealth {
	const costs = "取号和打印照常；但大厅系统中断时它不能自行发号，突然停机时没打出来的号票也没有记录。"
	switch {
	case err == nil:
		return DeviceHealth{State: stateUp}
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return DeviceHealth{State: stateWarning, Reason: "disk_full", Note: "取号机的磁盘已满。" + costs}
	}
	return DeviceHealth{State: stateWarning, Reason: "disk_unwritable", Note: "取号机的文件夹写不进去。" + costs}
}
