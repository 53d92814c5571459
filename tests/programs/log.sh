# shellcheck shell=bash
# A program that keeps its log open for appending, and logrotate. By renaming no line is lost or doubled. Copytruncate
# can lose what is written between its copy and its truncation, on a local disk as well; but nothing else, and the log
# begins anew at its first byte, without a hole.
: "${work:?set by run.sh}"

use_program() {
  needs python3 logrotate
  cat >"$work/writer.py" <<'PYTHON'
"""Appends numbered lines to the file until `lines` are written; SIGHUP makes it open the file anew. Each write is one
line. Says on stdout how many are written, whenever that is a hundred more."""
import os, signal, sys

path, lines = sys.argv[1], int(sys.argv[2])
reopen = False


def on_hangup(*_):
    global reopen
    reopen = True


signal.signal(signal.SIGHUP, on_hangup)
log = None
for number in range(1, lines + 1):
    if log is None or reopen:
        reopen = False
        if log is not None:
            os.close(log)
        log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    line = b"line %07d %s\n" % (number, b"x" * (number % 90))
    assert os.write(log, line) == len(line)
    if number % 100 == 0:
        print(number, flush=True)
os.close(log)
PYTHON
  check "logrotate renames the log of a writer that is told to open it anew" rotate renamed create
  check "no line is lost or doubled" every_line renamed
  check "logrotate copies and truncates the log of a writer that knows nothing of it" rotate copied copytruncate
  check "no line is doubled, and what is missing is missing at the cuts" lines_but_at_cuts copied
  check "so it is in the bucket" fresh both_logs
}

written() {
  tail -n 1 "$work/$1.progress" 2>/dev/null || true
}

has_written() {
  [ "$(written "$1")" -ge "$2" ] 2>/dev/null
}

# rotate NAME HOW: four times, while 40,000 lines are written.
rotate() {
  local log=$work/mnt/$1/log pid next
  mkdir "$1"
  : >"$work/$1.progress"
  python3 "$work/writer.py" "$log" 40000 >"$work/$1.progress" &
  pid=$!
  {
    echo "$log { rotate 9"
    echo "$2"
    [ "$2" = copytruncate ] || printf '%s\n' postrotate "kill -HUP $pid" endscript
    echo '}'
  } >"$work/$1.conf"
  for next in 5000 10000 15000 20000; do
    eventually has_written "$1" $next && logrotate -f -s "$work/$1.state" "$work/$1.conf" || return 1
  done
  wait $pid && test -s "$log.4" && test ! -e "$log.5"
}

every_line() {
  test "$(cat "$1"/log.4 "$1"/log.3 "$1"/log.2 "$1"/log.1 "$1"/log | awk '$2 + 0 == NR && length($3) == NR % 90 {good++} END {print NR, good}')" = '40000 40000'
}

lines_but_at_cuts() {
  test "$(cat "$1"/log* | tr -dc '\000' | wc -c)" -eq 0 &&
    cat "$1"/log.4 "$1"/log.3 "$1"/log.2 "$1"/log.1 "$1"/log | awk '
      $1 != "line" || length($3) != $2 % 90 {print "spoilt: " $0; bad = 1}
      $2 + 0 <= last {print "again or back: " $0; bad = 1}
      $2 + 0 > last + 1 {gaps++}
      {last = $2 + 0}
      END {if (gaps > 4) {print gaps " gaps"; bad = 1}; if (last != 40000) {print "ends at " last; bad = 1}; exit bad}'
}

both_logs() {
  every_line renamed && lines_but_at_cuts copied
}
