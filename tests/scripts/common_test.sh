#!/usr/bin/env bash
# The counting of tests must not be able to call a failure a success: runs it on a ctest project of its own.
#
#   common_test.sh PROJECT-ROOT
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"

mkdir -p build/dev
cat >build/dev/CTestTestfile.cmake <<'END'
add_test(good_one "/bin/true")
add_test(good_two "/bin/true")
add_test(bad "/bin/false")
add_test(skipped "/bin/sh" "-c" "exit 77")
add_test(missing "/nonexistent/program")
set_tests_properties(skipped PROPERTIES SKIP_RETURN_CODE 77)
set_tests_properties(good_one PROPERTIES LABELS unit)
set_tests_properties(good_two PROPERTIES LABELS mount)
END

failures=0
# counts EXPECTED-STATUS EXPECTED-LINE CTEST-ARGUMENTS...
counts() {
  local expected_status=$1 expected_line=$2 status=0
  shift 2
  COSFUSE_CI_COUNTS=$work/counts
  rm -f "$COSFUSE_CI_COUNTS"
  (run_ctest dev "$@") >log 2>&1 || status=$?
  if [ "$status" -ne "$expected_status" ] || [ "$(tail -n 1 log)" != "$expected_line" ] ||
    [ "$(awk '{print $1 " passed, " $2 " failed"}' counts)" != "$expected_line" ]; then
    echo "run_ctest $*: status $status, '$(tail -n 1 log)'; expected $expected_status, '$expected_line'"
    failures=$((failures + 1))
  fi
}

counts 0 "2 passed, 0 failed" -R good
counts 1 "2 passed, 1 failed" -R 'good|bad'
counts 1 "1 passed, 1 failed" -R 'good_one|skipped'
counts 1 "1 passed, 1 failed" -R 'good_one|missing'
counts 1 "0 passed, 1 failed" -R 'no such test'

unset COSFUSE_CI_FAILURES  # That of a run of these tests.
cat >>build/dev/CTestTestfile.cmake <<'END'
add_test(says_why "/bin/sh" "-c" "echo of no use; echo one; echo two; echo three; exit 1")
END
COSFUSE_CI_FAILURES=$work/failures
(run_ctest dev -R 'good|bad|skipped|says' >log 2>&1) || true
if [ "$(grep -v '^ ' "$work/failures" | sort | tr '\n' ' ')" != "bad says_why skipped " ] ||
  [ "$(grep '^ ' "$work/failures" | tr -d '\n')" != "    one    two    three" ]; then
  echo "these are said to have failed: $(cat "$work/failures")"
  failures=$((failures + 1))
fi
unset COSFUSE_CI_FAILURES

needs_mounts dev -R good || { echo "a mount test was not seen"; failures=$((failures + 1)); }
if needs_mounts dev -L unit; then echo "a unit test was taken for a mount test"; failures=$((failures + 1)); fi

[ "$failures" -eq 0 ]
