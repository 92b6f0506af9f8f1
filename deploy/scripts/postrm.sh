#!/bin/sh
set -e
# The data of the hall stay, also after a purge: a hall's years are not removed by a package manager.
if [ "$1" = purge ]; then
  rm -f /etc/yitang/ca.pem # the installer put it there
  rmdir /etc/yitang 2>/dev/null || true
  for d in /var/lib/yitang /var/lib/yitang-kiosk /var/lib/yitang-display; do
    rmdir "$d" 2>/dev/null || [ ! -d "$d" ] || echo "yitang: $d stays (数据保留；不再需要时请自行删除)"
  done
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
