#!/usr/bin/env bash
# The system packages that the tests talk to: a browser, PostgreSQL, ffprobe, a real RTSP server, CJK fonts.
# With the argument `peers`, also what the peers of the benchmarks are built with: ICU's headers and a compiler.
# Root on Debian or Ubuntu: installs what is missing. Anybody else: says exactly what to install.
set -eu
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v ffprobe >/dev/null || missing+=(ffmpeg)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || missing+=(fonts-noto-cjk)
/usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer' \
  2>/dev/null || missing+=(python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad)
if [ "${1:-}" = peers ]; then
  command -v g++ >/dev/null || missing+=(g++)
  command -v pkg-config >/dev/null && pkg-config --exists icu-i18n || missing+=(pkg-config libicu-dev)
  [ -e "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || missing+=(python3-dev)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "Installing system packages for the tests: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if apt-get update -qq >"$log" 2>&1 && apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  cat "$log"
fi
echo "The tests need system packages that are not here. Install them and run this again:"
echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
exit 2
