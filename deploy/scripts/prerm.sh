#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now yitang-hall yitang-kiosk yitang-kiosk-browser yitang-display yitang-screen-browser
fi
