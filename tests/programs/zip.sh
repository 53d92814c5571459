# shellcheck shell=bash
# zip and unzip: an archive is updated by a new one beside it and a rename.
: "${work:?set by run.sh}"

use_program() {
  needs zip unzip
  # shellcheck disable=SC2016  # Expanded where it runs.
  both 'mkdir tree; for i in {1..60}; do seq 1 "${i}00" > "tree/f$i"; done'
  head -c 21000000 /dev/urandom >"$work/local/tree/large"
  cp "$work/local/tree/large" tree/
  check "zip makes an archive" zip -q -r all.zip tree
  check "unzip -t finds it whole" unzip -tqq all.zip
  both 'seq 5 > tree/f3; seq 6 > tree/new'
  check "zip freshens it" zip -q -u -r all.zip tree
  check "zip deletes from it" zip -q -d all.zip tree/f9
  check "unzip extracts in the mount" unzip -qq all.zip -d out
  check "what comes out is what went in" diff -r -x f9 tree out/tree
  check "so it is in the bucket" fresh archive_is_whole
}

archive_is_whole() {
  unzip -tqq all.zip && diff -r -x f9 "$work/local/tree" out/tree && same tree &&
    test "$(find . -maxdepth 1 | wc -l)" -eq 4
}
