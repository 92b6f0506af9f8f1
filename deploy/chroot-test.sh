#!/usr/bin/env bash
# Installs the package in a fresh Debian, starts the hall's service command, takes a ticket, and removes the package.
# Needs root and debootstrap. Usage: deploy/chroot-test.sh PACKAGE.deb [MIRROR]
set -euo pipefail
deb=$(realpath "$1") mirror=${2:-http://deb.debian.org/debian} port=18990
root=$(mktemp -d /tmp/yitang-chroot-XXXXXX)
chmod 755 "$root" # its users must get in
server=
clean() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  umount -q "$root/proc" || true
  rm -rf --one-file-system "$root"
}
trap clean EXIT
say() { echo "chroot: $*"; }

debootstrap --variant=minbase --include=adduser,curl bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
cp "$deb" "$root/tmp/yitang.deb"
chroot "$root" dpkg -i /tmp/yitang.deb
say "installed: $(chroot "$root" yitang --version), $(ls "$root"/lib/systemd/system/yitang-*.service | wc -l) units"

# The service's own command, as its user, on a port of this machine.
as() { chroot --userspec=yitang:yitang "$root" /usr/bin/env HOME=/ "$@"; }
install -d -m 700 -o "$(chroot "$root" id -u yitang)" -g "$(chroot "$root" id -g yitang)" "$root/var/lib/yitang"
hall=$(as yitang admin testhall --dir /var/lib/yitang --windows 2 --json)
token=$(sed -n 's/.*"device_token":"\([^"]*\)".*/\1/p' <<<"$hall")
matter=$(sed -n 's/.*"matters":\["\([^"]*\)".*/\1/p' <<<"$hall")
start() {
  command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/yitang-hall.service" |
    sed "s/\${LISTEN}/127.0.0.1:$port/; s/ \$OPTIONS//")
  # shellcheck disable=SC2086 # the words of the command
  chroot --userspec=yitang:yitang "$root" $command 2>"$root/tmp/hall.log" &
  server=$!
  for _ in $(seq 100); do curl -fs "http://127.0.0.1:$port/readyz" >/dev/null && return; sleep 0.2; done
  cat "$root/tmp/hall.log"; exit 1
}
start
take() {
  curl -fsS "http://127.0.0.1:$port/api/v1/tickets" -H "Authorization: Bearer $token" -d "{\"matters\":[\"$matter\"]}" | sed -n 's/.*"number":"\([^"]*\)".*/\1/p'
}
say "service started; ticket taken: $(take)"
kill "$server"; wait "$server" || true
chroot "$root" dpkg -i /tmp/yitang.deb >/dev/null # an upgrade keeps the data
start
say "upgraded; next ticket: $(take)"
kill "$server"; wait "$server" || true
chmod 755 "$root" # its users must get in
server=
chroot "$root" dpkg -r yitang
[ ! -e "$root/usr/bin/yitang" ] && [ -e "$root/var/lib/yitang/hall.db" ]
say "removed; the hall's data stay"
