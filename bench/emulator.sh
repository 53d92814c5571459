#!/usr/bin/env bash
# Measures the emulator's speed beside a bare socket loop, in one run, and prints the ratios (docs/PERFORMANCE.md).
#
#   bench/emulator.sh [--rounds N] [emulator options]       e.g. --sink, --data-dir DIR, --etag=md5
#
# Builds both with the release preset's options. Works best on an idle machine; the rounds are interleaved, so that what
# else runs slows both sides.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in -h | --help) sed -n '2,7p' "$0" | cut -c3- && exit 0 ;; esac
rounds=5
if [ "${1:-}" = --rounds ]; then
  rounds=$2
  shift 2
fi
[ $# -gt 0 ] || set -- --etag=opaque

scratch=$(mktemp -d)
emulator=
cleanup() {
  [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

if ! { cmake --preset release && cmake --build build/release --target cosfuse-emulator emulator_bench; } \
  >"$scratch/build.log" 2>&1; then
  cat "$scratch/build.log" >&2
  exit 1
fi
build/release/cosfuse-emulator --ready-file "$scratch/ready" "$@" >/dev/null &
emulator=$!
until [ -s "$scratch/ready" ]; do
  kill -0 "$emulator" || exit 1
  sleep 0.05
done
endpoint=$(sed -n 's/.*"endpoint": *"\([^"]*\)".*/\1/p' "$scratch/ready")
echo "cosfuse-emulator $*"
build/release/bench/emulator_bench "${endpoint##*:}" "$(curl -s "$endpoint/_emulator/token?role=Writer")" "$rounds"
echo "peak memory of the emulator: $(sed -n 's/VmHWM: *//p' "/proc/$emulator/status")"
