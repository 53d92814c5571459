# shellcheck shell=bash
# SQLite: every transaction syncs a journal and the database. What was committed survives the death of the writer, what
# was not is rolled back from the journal; also when that journal is found by another mount.
: "${work:?set by run.sh}"

use_program() {
  needs sqlite3
  local mode
  for mode in delete truncate persist; do
    check "journal_mode=$mode: 60 transactions" transactions "$mode"
    check "journal_mode=$mode: the database is sound and as a local one" same_rows "$mode.db"
  done
  check "two processes take turns" two_writers
  check "what a killed writer had not committed is rolled back" killed_writer killed.db
  check "a second writer that is killed leaves its journal" leave_journal hot.db
  check "journal_mode=wal: two processes of one mount" transactions_in_wal
  check "journal_mode=wal: the database is sound and as a local one" same_rows wal.db
  check "the databases arrived in the bucket, and the journal is rolled back there" fresh everything_is_sound
}

sql() {
  sqlite3 -batch -bail -cmd '.timeout 20000' "$@"
}

# transactions MODE
transactions() {
  local where
  for where in "$work/local" "$work/mnt"; do
    {
      echo "pragma journal_mode=$1; create table t (id integer primary key, body text); create index i on t (body);"
      for i in $(seq 1 50); do
        echo "begin; insert into t (body) select 'row $i ' || value || hex(zeroblob($i)) from generate_series(1, 20);"
        echo "update t set body = body || ' changed' where id % 7 = $i % 7; commit;"
      done
      for i in $(seq 1 9); do echo "begin; delete from t where id % 9 = $i; rollback;"; done
      echo "delete from t where id % 10 = 3;"
    } | sql "$where/$1.db" || return 1
  done
}

# same_rows DATABASE: in the working directory, opened anew.
same_rows() {
  test "$(sql "$1" 'pragma integrity_check')" = ok && diff <(sql "$work/local/$1" .dump) <(sql "$1" .dump)
}

two_writers() {
  local pids=() pid one
  sql two.db 'create table t (who, n)' || return 1
  for one in a b; do
    (for i in $(seq 1 25); do sql two.db "insert into t values ('$one', $i)" || exit 1; done) &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || return 1; done
  test "$(sql two.db 'select count(*), count(distinct who || n) from t')" = '50|50'
}

# leave_journal DATABASE: its writer is killed in the middle of a transaction that has already changed the database file
# (the cache of one page has spilt).
leave_journal() {
  sql "$1" "create table t (n, body); insert into t select value, hex(zeroblob(200)) from generate_series(1, 2000);" &&
    cp "$1" "$work/local/$1" || return 1
  mkfifo "$work/commands-$1"
  sqlite3 -batch "$1" <"$work/commands-$1" >"$work/answers-$1" &
  local pid=$!
  exec 8>"$work/commands-$1"
  echo "pragma cache_size=1; begin; update t set body = 'lost'; select 'spilt';" >&8
  eventually grep -q spilt "$work/answers-$1" || return 1
  kill -9 $pid
  wait $pid 2>/dev/null
  exec 8>&-
  test -s "$1-journal"
}

killed_writer() {
  leave_journal "$1" && same_rows "$1" && test ! -s "$1-journal"
}

# The log's index is shared memory, a mapping of wal.db-shm: a reader that has it open all the time sees each commit.
transactions_in_wal() {
  local where pid
  for where in "$work/local" "$work/mnt"; do
    test "$(sql "$where/wal.db" 'pragma journal_mode=wal')" = wal &&
      sql "$where/wal.db" 'create table t (n integer primary key, body)' || return 1
    rm -f "$work/questions"
    mkfifo "$work/questions" || return 1
    sqlite3 -batch "$where/wal.db" <"$work/questions" >"$work/answers" &
    pid=$!
    exec 7>"$work/questions"
    echo "select 'rows ' || count(*) from t;" >&7
    eventually grep -qx 'rows 0' "$work/answers" || return 1
    { for i in $(seq 1 30); do sql "$where/wal.db" "insert into t values ($i, 'first')" || exit 1; done; } &
    local writer=$!
    for i in $(seq 31 60); do sql "$where/wal.db" "insert into t values ($i, 'second')" || return 1; done
    wait $writer && test -s "$where/wal.db-wal" && test -s "$where/wal.db-shm" || return 1
    echo "select 'rows ' || count(*) from t;" >&7
    eventually grep -qx 'rows 60' "$work/answers" || return 1
    exec 7>&-
    wait $pid || return 1
  done
}

everything_is_sound() {
  same_rows delete.db && same_rows truncate.db && same_rows persist.db && same_rows killed.db && same_rows hot.db &&
    same_rows wal.db && test "$(sql two.db 'pragma integrity_check')" = ok && test "$(sql two.db 'select count(*) from t')" = 50
}
