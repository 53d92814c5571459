# shellcheck shell=bash
# sed -i: a temporary file beside the old one, its mode and times, a rename over it.
: "${work:?set by run.sh}"

use_program() {
  needs sed
  both 'seq 1 50000 > plain; cp plain secret; chmod 600 secret; chmod 755 plain; mkdir d; seq 10 > d/x'
  check "sed -i edits files" both "sed -i 's/9/nine/g' plain secret d/x"
  check "sed -i.bak keeps the old one" both "sed -i.bak '\$d' plain"
  check "sed -i edits one file many times" both 'for _ in {1..40}; do sed -i "1s/^/again /" d/x; done'
  check "the files are those of a local directory" same
  check "they arrived in the bucket" fresh same
  check "the object has the bytes" cmp "$work/local/plain" <(object plain)
  check "no temporary file is left" diff <(printf '%s\n' d/ d/x plain plain.bak secret) <(keys_in_bucket)
}
