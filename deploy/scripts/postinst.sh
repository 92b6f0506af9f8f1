#!/bin/sh
set -e
getent passwd yitang >/dev/null || adduser --quiet --system --group --home /var/lib/yitang --no-create-home yitang
getent passwd yitang-screen >/dev/null || adduser --quiet --system --group --home /var/lib/yitang-screen --shell /bin/sh yitang-screen
# The lists are imported before the service's first start, which would make it.
install -d -m 700 -o yitang -g yitang /var/lib/yitang
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # An upgrade goes on with the new program; a new installation waits to be told which part this PC plays.
  systemctl try-restart 'yitang-*.service'
fi
