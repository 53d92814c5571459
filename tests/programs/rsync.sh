# shellcheck shell=bash
# rsync -a: a temporary file for each, mode, owner and times, a rename; the second run has nothing to do.
: "${work:?set by run.sh}"

use_program() {
  needs rsync
  (
    cd "$work/local" || exit
    mkdir -p "d/e/f g" empty
    for i in $(seq 1 150); do head -c $((i * 333)) /dev/urandom >"d/f$i"; done
    head -c 22000000 /dev/urandom >large
    seq 1 9 >"d/e/f g/h"
    chmod 750 d/f1
    chmod 600 d/f2
    touch -d '1999-12-31 23:59:59.5' d/f3
    ln -s d/f1 link
  )
  check "rsync sends a tree" rsync -a "$work/local/" "$work/mnt/tree/"
  check "the second time there is nothing to send" test -z "$(sent_by_rsync tree)"
  check "the tree is that of the local directory" tree_is_the_same
  check "so it is in the bucket" fresh tree_is_the_same
  # The times of directories are no part of the bucket (docs/SEMANTICS.md).
  check "another mount has nothing to send either" fresh nothing_to_send
  (cd "$work/local" && seq 1 7 >>d/f9 && rm d/f10 && mv d/f11 d/e/f11 && printf x | dd of=large bs=1 seek=11000000 conv=notrunc status=none)
  check "rsync --delete brings changes over" rsync -a --delete "$work/local/" "$work/mnt/tree/"
  check "rsync --inplace changes a large file where it is" rsync -a --inplace --no-whole-file --ignore-times \
    "$work/local/large" "$work/mnt/tree/large"
  check "rsync --append lengthens a file" append_and_send
  check "the tree follows in the bucket" fresh tree_is_the_same
  check "rsync brings it back" fresh rsync -a tree/ "$work/back/"
  check "byte by byte" diff -r --no-dereference "$work/local" "$work/back"
}

sent_by_rsync() {
  rsync -a --itemize-changes "${@:2}" "$work/local/" "$1/"
}

nothing_to_send() {
  local sent
  sent=$(sent_by_rsync tree --omit-dir-times) && echo "$sent" && test -z "$sent"
}

tree_is_the_same() {
  (cd tree && same)
}

append_and_send() {
  seq 1 100000 >>"$work/local/d/f12" && rsync -a --append "$work/local/d/" "$work/mnt/tree/d/"
}
