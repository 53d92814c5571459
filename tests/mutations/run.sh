#!/usr/bin/env bash
# Puts defects into a copy of the sources (build/mutations) on purpose, one at a time, and expects the tests of the pitfall
# to find each.
#
#   tests/mutations/run.sh [NAME...]      the patches whose names begin so (01, 12_rename); default: all
#   tests/mutations/run.sh --check        only that every patch still applies
#
# A patch NN_what.patch stands for pitfall NN of docs/PITFALLS.md. Its first lines say what is wrong in it, and
#   Target: the test program to build and run        Tests: its GoogleTest filter
# Ends with one line `N passed, N failed`. A patch that does not apply or does not compile is a failure, and so is a
# defect that no test finds.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

check_only=false
if [ "${1:-}" = --check ]; then
  check_only=true
  shift
fi

patches=()
[ $# -gt 0 ] || set -- ''
for name in "$@"; do
  found=("$here/$name"*.patch)
  [ -f "${found[0]}" ] || die 2 "there is no patch '$name'."
  patches+=("${found[@]}")
done

passed=0
failed=0
good() {
  echo "ok    $1"
  passed=$((passed + 1))
}

# bad NAME WHY [FILE-WITH-DETAILS]
bad() {
  echo "FAIL  $1: $2"
  [ $# -lt 3 ] || tail -n 20 "$3" | sed 's/^/      /'
  failed=$((failed + 1))
}

# field PATCH NAME: of the lines before the first difference.
field() {
  sed -n "/^diff /q; s/^$2: //p" "$1"
}

# judge NAME TARGET STATUS: a test that hangs finds the defect too late for whoever waits.
judge() {
  local found
  found=$(sed -n 's/^\[  FAILED  \] \([^ ,]*\).*ms)$/\1/p' "$log" | sort -u | wc -l)
  if [ "$3" -eq 0 ]; then
    bad "$1" "no test of $2 has found it"
  elif [ "$3" -eq 124 ]; then
    bad "$1" "the tests of $2 hang" "$log"
  else
    good "$1: found by $found tests of $2"
  fi
}

run_tests() {
  timeout 120 "build/dev/$1" --gtest_filter="$2" --gtest_brief=1
}

# admit PATCH: whether it can be tried. Its tests must pass without the defect: one that fails anyway finds nothing.
admit() {
  local patch=$1 name target tests
  name=$(basename "$patch" .patch)
  target=$(field "$patch" Target)
  tests=$(field "$patch" Tests)
  case $target/$tests in
    *?/*"Pitfall$((10#${name%%_*}))_"*) ;;
    *) bad "$name" "it does not name a target and tests of its pitfall" && return 1 ;;
  esac
  git apply --check "$patch" >"$log" 2>&1 || { bad "$name" "it no longer applies" "$log" && return 1; }
  ! $check_only || { good "$name" && return; }
  ninja -C build/dev "$target" >"$log" 2>&1 || { bad "$name" "$target does not build without it" "$log" && return 1; }
  if ! run_tests "$target" "$tests" >"$log" 2>&1 || grep -q 'Running 0 tests' "$log"; then
    bad "$name" "$tests do not pass, or are not there, without it" "$log"
    return 1
  fi
}

# try PATCH: the source that it changes is put back as it was, and built with the next one.
try() {
  local patch=$1 name target status=0
  name=$(basename "$patch" .patch)
  target=$(field "$patch" Target)
  git apply "$patch"
  if ! ninja -C build/dev "$target" >"$log" 2>&1; then
    bad "$name" "it does not compile" "$log"
  else
    run_tests "$target" "$(field "$patch" Tests)" >"$log" 2>&1 || status=$?
    judge "$name" "$target" $status
  fi
  git apply -R "$patch"
}

log=$(mktemp)
if ! $check_only; then
  # Kept from run to run, as every build is. What is the same keeps its time; what a run that was cut short left in a
  # source is overwritten.
  mkdir -p build/mutations
  rsync --recursive --links --perms --checksum --delete --exclude=/build --exclude=/.git ./ build/mutations/
  cd build/mutations
  # A repository of its own: else git would take one above for the one to work on.
  git init -q .
  cmake --preset dev >"$log" 2>&1 || { cat "$log" && exit 1; }
fi
admitted=()
for patch in "${patches[@]}"; do
  if admit "$patch"; then admitted+=("$patch"); fi
done
if ! $check_only; then
  for patch in "${admitted[@]}"; do try "$patch"; done
fi
rm -f "$log"
[ -z "${COSFUSE_CI_COUNTS:-}" ] || echo "$passed $failed" >>"$COSFUSE_CI_COUNTS"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
