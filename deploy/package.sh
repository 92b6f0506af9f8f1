#!/usr/bin/env bash
# Makes the Debian package of the built program, bin/yitang.deb, and tries it in a fresh Debian. Needs root, debootstrap and a
# Debian mirror. VERSION=1.2.3 deploy/package.sh names the version; without, it is the nearest tag's, else 0.1.0.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin
version=${VERSION:-$(git describe --tags --match 'v*' 2>/dev/null | sed 's/^v//; s/-/+/' || true)}
version=${version:-0.1.0}
# The oldest C library that has what the program calls; where it was built says nothing of where it runs.
libc=$(grep -ao 'GLIBC_2\.[0-9]*' yitang | sort -Vu | tail -1 | cut -d_ -f2)
make_package() { # VERSION FILE
  ARCH=$(dpkg --print-architecture) VERSION=$1 LIBC=$libc \
    go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0 package -f deploy/yitang.yaml -p deb -t "$2"
}
make_package "$version" bin/yitang.deb
make_package "$version+next" bin/yitang-next.deb # what a hall upgrades to in the trial
deploy/chroot-test.sh bin/yitang.deb bin/yitang-next.deb
