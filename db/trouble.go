package db

import (
	"errors"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"
)

// Trouble says in the hall's language what is wrong with the disk, what that means and what to do; "" for an error of another
// kind. It goes by SQLite's codes, never by texts.
func Trouble(err error) string {
	if errors.Is(err, ErrInUse) {
		return "这个数据文件夹正被另一个一趟程序使用。一个文件夹只能由一台服务器使用：请先停止另一个，或换一个文件夹。"
	}
	var e sqlite3.Error
	switch {
	case errors.As(err, &e):
		return troubleOf(e.Code)
	case errors.Is(err, errFolder) && (errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)):
		return troubleOf(sqlite3.ErrReadonly)
	case errors.Is(err, unix.ENOSPC):
		return troubleOf(sqlite3.ErrFull)
	}
	return ""
}

func troubleOf(code sqlite3.ErrNo) string {
	switch code {
	case sqlite3.ErrFull:
		return "磁盘已满，没有写成的操作没有应答，已应答的都在磁盘上。请清理磁盘空间（例如删除旧备份），服务会自动重新启动并继续。"
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		return "数据文件夹不能写入（磁盘只读，或没有权限），没有写成的操作没有应答，已应答的都在磁盘上。请检查磁盘和文件夹的权限后重新启动。"
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return "数据文件有损坏的页，已停止服务，以免写坏更多。请保留这个文件夹，用 yitang restore 从最近的备份恢复，或让备用服务器接管（yitang promote --lost）。"
	case sqlite3.ErrIoErr:
		return "读写磁盘出错，没有写成的操作没有应答，已应答的都在磁盘上。请检查磁盘和连线；若反复出现，请更换磁盘并从备份恢复。"
	}
	return ""
}
