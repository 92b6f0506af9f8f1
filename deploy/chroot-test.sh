#!/usr/bin/env bash
# Installs the package in a fresh Debian that runs its own systemd in namespaces of its own (process numbers, network, mounts), and
# does there what docs/install.zh-CN.md tells an installer to do: first administrator, trust, a kiosk that is let in, tickets,
# the owner's commands, backup and restore, upgrade, removal, purge. Whatever fails ends it, with the hall's log.
# Needs root, debootstrap, unshare and nsenter (util-linux), and a Debian mirror; nothing of this machine is changed.
# Usage: [SUITE=bookworm] deploy/chroot-test.sh PACKAGE.deb NEWER.deb [MIRROR]
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "chroot-test.sh: needs root: sudo deploy/chroot-test.sh …"; exit 1; }
for tool in debootstrap unshare nsenter curl; do
  command -v $tool >/dev/null || { echo "chroot-test.sh: $tool is missing: apt-get install debootstrap util-linux curl"; exit 1; }
done
cd "$(dirname "$0")/.."
deb=$(realpath "$1") newer=$(realpath "$2") mirror=${3:-http://deb.debian.org/debian} suite=${SUITE:-stable}
root=$(mktemp -d /tmp/yitang-chroot-XXXXXX)
init='' # number of the process that is systemd there
say() { echo "chroot: $*"; }
clean() {
  [ -z "$init" ] || kill -KILL "$init" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf --one-file-system "$root" "$root.log"
}
trap clean EXIT
failed() {
  say "FAILED: $*"
  inside journalctl --no-pager -q -u 'yitang-*' -n 40 || true
  exit 1
}
chmod 755 "$root" # its users must get in

# boot starts the Debian's own systemd as process 1 of new namespaces.
boot() {
  # shellcheck disable=SC2016 # for the inner shell
  unshare --net --mount --pid --uts --ipc --cgroup --fork --propagation private bash -c '
    cd "$1"; mount --bind . .; cd "$1"
    mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs dev; mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
    for d in null zero full random urandom tty; do touch dev/$d; mount --bind /dev/$d dev/$d; done
    exec env -i container=chroot PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --unit=multi-user.target' - "$root" \
    >"$root.log" 2>&1 &
  local outer=$!
  for _ in $(seq 50); do init=$(pgrep -P "$outer" || true); [ -z "$init" ] || break; sleep 0.1; done
  [ -n "$init" ] || { cat "$root.log"; exit 1; }
  for _ in $(seq 150); do
    case $(inside systemctl is-system-running 2>/dev/null || true) in running | degraded) return ;; esac
    sleep 0.2
  done
  say "systemd does not come up"; cat "$root.log"; exit 1
}
inside() { nsenter -t "$init" -m -n -p -u -i -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
# until_true WHAT COMMAND…: waits half a minute for it.
until_true() {
  local what=$1
  shift
  for _ in $(seq 150); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  failed "$what does not happen"
}
# quietly COMMAND…: its output only when it fails.
quietly() { "$@" >"$root.log" 2>&1 || { cat "$root.log"; failed "$*"; }; }
# field NAME reads a string out of the JSON on stdin.
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -1; }
url=https://10.1.1.5
# hall PATH [BODY [TOKEN]]: a request from within, by who trusts the hall's authority.
hall() {
  local args=(-fsS --cacert /etc/yitang/ca.pem "$url$1")
  [ $# -lt 2 ] || args+=(-d "$2")
  [ $# -lt 3 ] || args+=(-H "Authorization: Bearer $3")
  inside curl "${args[@]}"
}

install_package() {
  debootstrap --variant=minbase --include=adduser,systemd,systemd-sysv,curl,openssl,ca-certificates,iproute2 "$suite" "$root" "$mirror" \
    >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
  boot
  inside ip address add 10.1.1.5/24 dev lo # there is no other
  cp "$deb" "$root/root/yitang.deb"
  cp "$newer" "$root/root/newer.deb"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" apt-get update -qq
  chroot "$root" apt-get install -s /root/yitang.deb >"$root.log" || { cat "$root.log"; failed "what it recommends is not in Debian $suite"; }
  quietly inside dpkg -i /root/yitang.deb # the namespace has no way out, as a hall has none
}

install_package
# shellcheck disable=SC2016
inside sh -c 'for u in hall kiosk display; do systemd-analyze verify yitang-$u.service || exit 1; done' || failed "systemd-analyze verify"
say "installed in Debian $(cat "$root/etc/debian_version"): $(inside yitang --version), $(ls "$root"/usr/lib/systemd/system/yitang-*.service | wc -l) units"

# The server, as the guide says: lists, service, first administrator by the code on the console.
mkdir "$root/srv/lists"
cp server/catalogue/example/*.csv "$root/srv/lists/"
sed -i 's/10:00-14:00;16:00-20:00/always/' "$root/srv/lists/hall.csv" # whenever this is run
inside runuser -u yitang -- yitang import --dir /var/lib/yitang /srv/lists
inside systemctl enable -q --now yitang-hall
until_true "the hall's opening" inside curl -fsko /etc/yitang/ca.pem $url/tls-ca.pem
logged() { inside journalctl --no-pager -q -o cat -u "$1"; }
told=$(logged yitang-hall | grep -o 'sha256=[0-9A-F:]*' | tail -1)
seen=$(inside openssl x509 -in /etc/yitang/ca.pem -noout -fingerprint -sha256)
[ -n "$told" ] && [ "${told#*=}" = "${seen#*=}" ] || failed "the fingerprint: the log says $told, openssl $seen"
code=$(logged yitang-hall | sed -n 's/^\*\*\* *\([0-9A-Z]*-[0-9A-Z]*\)$/\1/p' | tail -1)
inside curl -sk $url/api/v1/setup -d '{"code":"AAAA-AAAA","user":"li","name":"李","password":"Yitang-2026!"}' | grep -q wrong_code ||
  failed "a wrong code"
admin=$(hall /api/v1/setup "{\"code\":\"$code\",\"user\":\"li\",\"name\":\"李\",\"password\":\"Yitang-2026!\"}" | field token)
[ -n "$admin" ] || admin=$(hall /api/v1/sessions '{"user":"li","password":"Yitang-2026!"}' | field token)
[ -n "$admin" ] || failed "the first administrator by the code $code"
say "service started, its authority's fingerprint compared, first administrator made by the one-time code"

# A kiosk: its code, approved by the administrator, then a ticket through its own page's interface.
inside sed -i 's/^KIOSK=.*/KIOSK=kiosk-1/' /etc/yitang/kiosk.env
inside systemctl enable -q --now yitang-kiosk
until_true "the kiosk's code" inside sh -c 'journalctl -q -o cat -u yitang-kiosk | grep -q "waiting to be let in"'
code=$(logged yitang-kiosk | sed -n 's/.*code=\([0-9-]*\).*/\1/p' | tail -1)
inside curl -fs http://127.0.0.1:8090/kiosk | grep -q html || failed "the page with the code"
[ -n "$code" ] || failed "no code in the kiosk's log"
hall "/api/v1/admin/enrolments/$code/approve" '{}' "$admin" >/dev/null
kiosk_open() { inside curl -fs http://127.0.0.1:8090/local/catalogue | grep -q '"SCJG-004"'; }
until_true "the kiosk's page" kiosk_open
take() {
  inside curl -fsS http://127.0.0.1:8090/local/tickets -H 'Content-Type: application/json' -H "Idempotency-Key: $1" \
    -d '{"matters":["SCJG-004"],"person":{"kind":"none"},"priority":"ordinary","language":"zh"}'
}
first=$(take one)
id=$(sed -n 's/.*"ticket":{"id":"*\([^",]*\).*/\1/p' <<<"$first")
[ -n "$id" ] && [ "$(field number <<<"$first")" = A001 ] || failed "the first ticket: $first"
device=$(inside cat /var/lib/yitang-kiosk/token)
kept() { inside curl -fsS --cacert /etc/yitang/ca.pem "$url/api/v1/tickets/$id" -H "Authorization: Bearer $device" | grep -q '"A001"'; }
say "kiosk let in by its code $code; ticket A001 taken at it"

# A crash, a backup of the working hall, and a hall out of the backup.
inside systemctl kill -s KILL yitang-hall
until_true "the restart after a crash" kept
quietly inside runuser -u yitang -- yitang verify --dir /var/lib/yitang # beside the working hall
inside install -d -m 700 -o yitang -g yitang /srv/backup
quietly inside runuser -u yitang -- yitang backup --dir /var/lib/yitang --to /srv/backup
owner() { quietly inside runuser -u yitang -- yitang "$@"; } # of the hall, at its own machine
owner admin user --dir /var/lib/yitang wang --role clerk --window 3
owner admin users --dir /var/lib/yitang --unlock li
owner admin device --dir /var/lib/yitang kiosk-9 --role kiosk
owner admin devices --dir /var/lib/yitang --revoke kiosk-9
owner device list
inside runuser -u yitang -- yitang admin users --dir /var/lib/yitang | grep -q wang || failed "an account made at the console"
inside systemctl stop yitang-hall
inside mv /var/lib/yitang /var/lib/yitang-old
quietly inside sh -c 'yitang restore --dir /var/lib/yitang /srv/backup/yitang-* && chown -R yitang:yitang /var/lib/yitang'
quietly inside runuser -u yitang -- yitang verify --dir /var/lib/yitang
inside systemctl start yitang-hall
until_true "the ticket in the restored hall" kept
say "killed and back; backed up while at work, restored in place, verified: the ticket is there"

# A newer package: the running parts go on with it, the ticket is there, the next number follows.
before=$(inside systemctl show -P MainPID yitang-hall)
quietly inside dpkg -i /root/newer.deb
[ "$(inside systemctl show -P MainPID yitang-hall)" != "$before" ] || failed "the restart at the upgrade"
until_true "the ticket after the upgrade" kept
until_true "the kiosk after the upgrade" kiosk_open
[ "$(take two | field number)" = A002 ] || failed "the next number after the upgrade"
say "upgraded to $(inside dpkg-query -W -f '${Version}' yitang): the ticket is there, the next is A002"

# Removed and purged: the program goes, the hall's data stay, and a new installation opens them.
quietly inside apt-get remove -y -qq yitang
[ ! -e "$root/usr/bin/yitang" ] && ! inside sh -c 'ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q /usr/bin/yitang' || failed "the removal: something is left or runs"
inside dpkg --purge yitang
[ ! -e "$root/etc/yitang" ] && [ ! -e "$root/usr/lib/yitang" ] || failed "the purge: $(ls "$root/etc/yitang")"
[ -e "$root/var/lib/yitang/hall.db" ] || failed "the purge: the hall's data are gone"
quietly inside dpkg -i /root/newer.deb
inside systemctl enable -q --now yitang-hall
until_true "the hall after a new installation" inside curl -fsko /etc/yitang/ca.pem $url/tls-ca.pem
until_true "the ticket after a new installation" kept
say "removed, purged, installed again: the hall's data were kept all along"
