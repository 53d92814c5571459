# shellcheck shell=bash
# dd conv=notrunc: bytes in the middle of files, small and of several parts, and beyond their end.
: "${work:?set by run.sh}"

use_program() {
  needs dd
  head -c 45000000 /dev/urandom >"$work/local/large"
  seq 1 1000 >"$work/local/small"
  cp "$work/local/large" "$work/local/small" "$work/mnt/"
  check "dd writes into the middle of a large file" both 'seq 1 500 | dd of=large bs=4096 seek=5000 conv=notrunc status=none'
  check "dd writes over the border of two parts" \
    both 'seq 1 9000 | dd of=large bs=1 count=40000 seek=20960000 conv=notrunc status=none'
  check "dd writes into the middle of a small file" both 'printf middle | dd of=small bs=1 seek=1000 conv=notrunc status=none'
  check "dd writes at the beginning" both 'printf front | dd of=small conv=notrunc status=none'
  check "dd writes beyond the end" both 'printf far | dd of=small bs=1 seek=100000 conv=notrunc status=none'
  check "dd appends" both 'seq 1 5000 | dd of=large oflag=append conv=notrunc status=none'
  check "dd without notrunc cuts" both 'cp small cut; printf cut | dd of=cut bs=1 seek=50 status=none'
  check "dd with fsync and nocreat" both 'printf sync | dd of=cut bs=1 seek=10 conv=notrunc,fsync,nocreat status=none'
  check "dd makes a sparse file" both 'dd if=/dev/null of=sparse bs=1 seek=30000000 status=none; printf x | dd of=sparse bs=1 seek=15000000 conv=notrunc status=none'
  check "the files are those of a local directory" same
  check "so they are in the bucket" fresh same
  check "the object has the bytes" cmp "$work/local/large" <(object large)
}
