#!/usr/bin/env bash
# Installs what the tests need, builds, and runs every kind of test. Safe to repeat: only what changed is built again.
#
#   ./test.sh                 everything
#   ./test.sh --quick         only what needs neither root nor /dev/fuse (unit, contract, fault, layering, deploy)
#   ./test.sh --label KIND    one kind: unit, contract, fault, layering, deploy, model, mount, cli, programs,
#                             interop (may be repeated)
#   ./test.sh --filter REGEX  the tests whose names match
#   --preset NAME             the build to test: dev (default), asan, tsan
#   --no-install              take the packages as they are
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/common.sh
. scripts/common.sh

preset=dev
install=true
labels=()
excluded=planted
filter=

while [ $# -gt 0 ]; do
  case $1 in
    --quick) excluded='planted|model|mount|cli|programs|interop' ;;
    --label) labels+=("${2:?--label takes a kind of test}") && shift ;;
    --filter) filter=${2:?--filter takes a regular expression} && shift ;;
    --preset) preset=${2:?--preset takes a name} && shift ;;
    --no-install) install=false ;;
    -h | --help) print_header_comment "$0" && exit 0 ;;
    *) die 2 "unknown option '$1'. See ./test.sh --help." ;;
  esac
  shift
done

if $install; then
  scripts/install-dependencies build demo test
  # The clients of others are large: only where they are tested.
  if [ ${#labels[@]} -gt 0 ]; then
    case " ${labels[*]} " in *' interop '*) scripts/install-dependencies interop ;; esac
  elif [ "$excluded" = planted ]; then
    scripts/install-dependencies interop
  fi
  case $preset in asan | tsan) scripts/install-dependencies tidy ;; esac
fi
build_preset "$preset"

selection=()
[ -z "$filter" ] || selection+=(-R "$filter")
if [ ${#labels[@]} -gt 0 ]; then
  selection+=(-L "^($(join_by '|' "${labels[@]}"))\$")
else
  selection+=(-LE "$excluded")
fi
if needs_mounts "$preset" "${selection[@]}" && ! can_mount; then
  die 1 "these tests mount file systems, which needs root and /dev/fuse. Run as root in a privileged container, or ./test.sh --quick."
fi

run_ctest "$preset" "${selection[@]}"
