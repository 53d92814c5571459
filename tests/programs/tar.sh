# shellcheck shell=bash
# tar: from and to the mount, its own comparison, and growing an archive in place.
: "${work:?set by run.sh}"

use_program() {
  needs tar gzip
  (cd "$work/local" && make_tree tree)
  check "tar extracts into the mount" tar -C "$work/mnt" -xpf <(tar -C "$work/local" -cf - tree)
  check "tar compares the archive with the mount" tar -C "$work/mnt" -df <(tar -C "$work/local" -cf - tree)
  check "tar makes an archive in the mount" tar --sort=name -cf tree.tar tree
  check "tar compares it with what it was made of" tar -df tree.tar
  check "tar appends to an archive" tar -rf tree.tar -C "$work/local" ./tree/file-7
  check "tar deletes from an archive" tar --delete -f tree.tar ./tree/file-7
  check "tar makes a compressed one" tar -czf tree.tar.gz tree
  check "the tree is that of the local directory" same tree
  check "so it is in the bucket, and the archives hold it" fresh both_archives_hold_the_tree
}

both_archives_hold_the_tree() {
  same tree && tar -df tree.tar && tar -dzf tree.tar.gz &&
    mkdir "$work/out" && tar -C "$work/out" -xzf tree.tar.gz && diff -r --no-dereference "$work/out/tree" "$work/local/tree"
}

make_tree() {
  local i
  mkdir -p "$1/sub/dir with space" "$1/empty"
  for i in $(seq 0 60); do head -c $((i * i * 100)) /dev/urandom >"$1/file-$i"; done
  head -c 25000000 /dev/urandom >"$1/large"
  : >"$1/sub/dir with space/nothing in it"
  ln -s ../file-1 "$1/sub/link"
  chmod 640 "$1/file-2"
  chmod 755 "$1/file-3"
  touch -d '2001-02-03 04:05:06.789' "$1/file-4"
}
