#!/usr/bin/env bash
# Makes the Debian package of the built program, bin/yitang.deb, and tries it in a fresh Debian. Needs root and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin
ARCH=$(dpkg --print-architecture) VERSION=0.1.0 \
  go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0 package -f deploy/yitang.yaml -p deb -t bin/yitang.deb
deploy/chroot-test.sh bin/yitang.deb
