# shellcheck shell=bash disable=SC2154
# What the test scripts share: facts, counted in $passed and $failed. To be sourced, with $work set to a directory.

passed=0
failed=0

# check FACT COMMAND...: one line for each fact; what the command said is shown when it does not hold. Functions that
# are checked join their steps by `&&`: `set -e` does not reach into a condition.
check() {
  local fact=$1
  shift
  if "$@" >"$work/check.log" 2>&1 </dev/null; then
    echo "ok    $fact"
    passed=$((passed + 1))
  else
    echo "FAIL  $fact"
    tail -n 30 "$work/check.log" | sed 's/^/      /'
    failed=$((failed + 1))
  fi
}

# eventually COMMAND...: until it succeeds, a minute at most.
eventually() {
  for _ in {1..600}; do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  return 1
}
