package api

import (
	"fmt"
	"net/http"

	"yitang/server/wire"
)

// LeastFree is how much room the data folder's disk should have: days of work, or one copy of a small hall. With less the hall
// works on, and says that it is not ready.
const LeastFree = 256 << 20

// room is how the data folder's disk is; nil where nobody knows.
func (a *API) room() *wire.Disk {
	if a.Free == nil {
		return nil
	}
	free, err := a.Free()
	if err != nil {
		return nil
	}
	d := &wire.Disk{FreeBytes: free, LeastBytes: LeastFree}
	if free < LeastFree {
		d.Note = fmt.Sprintf("数据文件夹所在的磁盘只剩 %d MB（应不少于 %d MB）。现在还能办理，写满后会停止服务：请清理磁盘空间，例如删除旧备份。", free>>20, LeastFree>>20)
	}
	return d
}

// roomy refuses to call a hall ready whose disk will soon be full. It is asked anew each time, so that room made is seen at once.
func (a *API) roomy() error {
	if d := a.room(); d != nil && d.Note != "" {
		return refusal(http.StatusServiceUnavailable, wire.CodeDiskLow, d.Note)
	}
	return nil
}
