package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"yitang/city/join"
	"yitang/db"
	"yitang/server/person"
)

// keyUse separates the fingerprint from any other use of the key.
const keyUse = "yitang key fingerprint v1"

// OpenKey loads the key of the pseudonyms, or makes one for a hall that has none yet. A hall that has pseudonyms already
// starts only with the key that made them: with another one, nobody who was here before would be known again.
func OpenKey(ctx context.Context, data *db.DB, dir string) (person.Key, error) {
	path := filepath.Join(dir, keyFile)
	want, err := data.Mark(ctx, db.MarkKey)
	if err != nil {
		return person.Key{}, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		used, err := data.HasPersons(ctx)
		if err != nil {
			return person.Key{}, err
		}
		if used {
			return person.Key{}, fmt.Errorf("server: 假名密钥文件 %s 不见了，而数据库里已有用它生成的假名。请从备份把它复制回来（权限 0600）再启动；"+
				"换新密钥会使以前的办事人再也无法对应，所以系统不会自动生成", path)
		}
		want = "" // nothing hangs on the old one
	}
	key, err := person.LoadOrCreateKey(path)
	if err != nil {
		return key, err
	}
	have := key.Digest(keyUse, nil)
	switch {
	case want == "":
		return key, data.SetMark(ctx, db.MarkKey, have)
	case want != have:
		return person.Key{}, fmt.Errorf("server: 假名密钥文件 %s 不是这个大厅的：指纹是 %s，数据库要的是 %s。请从备份把原来的密钥复制回来", path, have[:8], want[:8])
	}
	return key, nil
}

// ShareKey puts the key that the halls of a city share in the place of the hall's own, which stays beside it under another
// name, and lets the hall start with it from now on. Done again, it finishes what was cut off.
func ShareKey(ctx context.Context, data *db.DB, dir string, shared []byte) error {
	key, err := person.NewKey(shared)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, keyFile)
	own, err := os.ReadFile(path) // #nosec G304 -- the hall's own folder
	switch {
	case err == nil && !bytes.Equal(own, shared):
		if err := join.WriteFile(path+".before-"+time.Now().UTC().Format("20060102-150405"), own); err != nil {
			return err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := join.WriteFile(path, shared); err != nil {
		return err
	}
	return data.SetMark(ctx, db.MarkKey, key.Digest(keyUse, nil))
}
