#!/bin/sh
# Makes sure that a chromium is there for the browser tests, or says loudly that they will skip.
set -u

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests."
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get update && apt-get install -y --no-install-recommends chromium; } >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log"
    rm -f "$log"
fi

echo "***********************************************************************"
echo "*  NO CHROMIUM FOUND: THE BROWSER TESTS WILL BE SKIPPED.              *"
echo "*  Install it (Debian: apt-get install chromium) and run again.       *"
echo "***********************************************************************"
