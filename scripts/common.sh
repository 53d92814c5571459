# shellcheck shell=bash
# What the scripts share. Sourced with the working directory at the project's root, under `set -euo pipefail`.

# die STATUS MESSAGE: ends the script with one line on stderr.
die() {
  echo "${0##*/}: $2" >&2
  exit "$1"
}

# The comment at the top of a script is its help.
print_header_comment() {
  sed -n '2,/^[^#]/p' "$1" | sed -n 's/^# \{0,1\}//p'
}

join_by() {
  local separator=$1
  shift
  printf '%s' "$1" "${@/#/$separator}"
}

jobs_here() {
  nproc
}

# Tests that mount wait more than they compute: two of them for each core.
tests_at_once() {
  echo $((2 * $(nproc)))
}

# build_preset NAME [TARGET...]: configures once, builds what changed, shows the compiler's words only.
build_preset() {
  local preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    mkdir -p "build/$preset"
    cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
      cat "build/$preset/configure.log" >&2
      die 1 "cmake --preset $preset failed; its output is above."
    }
  fi
  echo "building build/$preset"
  # Ninja's lines of progress are only for a terminal: in a log they drown what matters.
  if [ -t 1 ]; then
    ninja -C "build/$preset" -j "$(jobs_here)" "$@"
  else
    ninja -C "build/$preset" -j "$(jobs_here)" --quiet "$@"
  fi
}

can_mount() {
  [ "$(id -u)" -eq 0 ] && [ -c /dev/fuse ]
}

# needs_mounts PRESET CTEST-SELECTION...: whether a selected test mounts a file system.
needs_mounts() {
  local preset=$1
  shift
  # Not `grep -q`: it would leave early, and ctest's broken pipe would be the answer.
  ctest --test-dir "build/$preset" "$@" -N --print-labels 2>/dev/null | grep -E '^ *(model|mount|cli|programs|interop)$' >/dev/null
}

# list_failures TESTS.XML: the tests that failed or were skipped, and some lines of each that say why: those that look
# like a reason, or else the last.
list_failures() {
  awk '
    function finish(  i) {
      for (i = 1; failed && !reasons && i <= 3; i++) if ((lines - 3 + i) in line) print "    " line[lines - 3 + i]
      failed = 0
    }
    /<testcase / {
      finish()
      split($0, field, "\"")
      failed = !/status="run"/
      reasons = lines = 0
      split("", line)
      if (failed) print field[2]
      next
    }
    /<\/system-out>/ { finish() }
    !failed || /^[[:space:]]*(<|$)/ { next }
    /Failure$|\[  FAILED  \]|Expected|Which is|Value of|Actual:|Sanitizer|SUMMARY|Timeout|rror:/ && reasons++ < 12 {
      print "    " substr($0, 1, 240)
    }
    { line[++lines] = substr($0, 1, 240) }
    END { finish() }' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}

# run_ctest PRESET CTEST-ARGUMENTS...: runs the selected tests, then prints how many of each kind there were and one
# line `N passed, N failed`. Fails when a test fails and when none is selected. Where COSFUSE_CI_COUNTS and
# COSFUSE_CI_FAILURES name files, the two numbers and what list_failures prints are added to them.
run_ctest() {
  local preset=$1 directory=build/$1 status=0 total failures
  shift
  rm -f "$directory/tests.xml"
  ctest --test-dir "$directory" --output-on-failure --no-tests=error --progress -j "$(tests_at_once)" \
    --output-junit tests.xml "$@" </dev/null || status=$?
  [ -f "$directory/tests.xml" ] || die 1 "ctest ran nothing in $directory."
  # Of <testsuite>: skipped and disabled tests count as failures, because nothing here may quietly not run.
  read -r total failures < <(sed -n '/<testsuite /,/>/p' "$directory/tests.xml" | tr '\n' ' ' | awk '{
      n = split($0, field, "\""); sum = 0; tests = 0
      for (i = 1; i < n; i += 2) {
        if (field[i] ~ /tests=$/) tests = field[i + 1]
        if (field[i] ~ /(failures|disabled|skipped)=$/) sum += field[i + 1]
      }
      print tests, sum
    }')
  # A run that failed although no test did (none was found, say) counts as one failed test.
  if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
    total=$((total + 1))
    failures=1
  fi
  [ -z "${COSFUSE_CI_COUNTS:-}" ] || echo "$((total - failures)) $failures" >>"$COSFUSE_CI_COUNTS"
  [ -z "${COSFUSE_CI_FAILURES:-}" ] || list_failures "$directory/tests.xml" >>"$COSFUSE_CI_FAILURES"
  echo "$((total - failures)) passed, $failures failed"
  [ "$failures" -eq 0 ]
}

# at_most LIMIT OPTION: an rlimit for a container, SOFT:HARD, within what this process may give (OPTION: as for ulimit).
at_most() {
  local soft_limit=$1 hard
  hard=$(ulimit -H "$2")
  if [ "$hard" = unlimited ] || [ "$hard" -gt "$soft_limit" ]; then hard=$soft_limit; fi
  echo "$hard:$hard"
}
