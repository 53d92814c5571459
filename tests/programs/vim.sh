# shellcheck shell=bash
# vim: a swap file, a backup, and either a rename or a rewrite in place when it saves.
: "${work:?set by run.sh}"

use_program() {
  local vim
  vim=$(command -v vim.tiny || command -v vim || true)
  needs "${vim:-vim}"
  both 'seq 1 3000 > text; cp text other; chmod 640 text'
  check "vim edits and saves, with swap file and backup" edit "$vim" text 'backupcopy=auto'
  check "vim saves by renaming" edit "$vim" text 'backupcopy=no'
  check "vim saves in place" edit "$vim" other 'backupcopy=yes'
  check "a swap file is there while vim edits" swap_file_is_there "$vim"
  check "vim recovers from the swap file of a vim that was killed" recover "$vim"
  check "the files are those of a local directory" same
  check "so they are in the bucket" fresh same
  check "the object has the bytes" cmp "$work/local/text" <(object text)
  check "nothing else is left" diff <(cd "$work/local" && find . -type f -printf '%P\n' | sort) <(keys_in_bucket)
}

# edit VIM FILE SETTING
edit() {
  local where
  for where in "$work/local" "$work/mnt"; do
    (cd "$where" && "$1" -u NONE -i NONE -N -es -c "set swapfile directory=. backup backupext=.bak backupdir=. $3" \
      -c 'silent %s/$/ edited/' -c "\$s/$/\\rone more/" -c 'w' -c '1delete' -c 'wq' "$2") || return 1
  done
}

swap_file_is_there() {
  "$1" -u NONE -i NONE -N -es -c 'set directory=.' -c 'set swapfile' -c 'normal ix' -c 'preserve' \
    -c 'silent !ls -A > seen' -c 'qall!' other
  grep -q '^\.other\.swp$' seen && rm seen
}

# shellcheck disable=SC2016  # vim's shell expands it.
# Killed with a change that it has preserved but not saved.
recover() {
  local where
  for where in "$work/local" "$work/mnt"; do
    (
      cd "$where"
      "$1" -u NONE -i NONE -N -es -c 'set directory=.' -c 'set swapfile' -c '1s/^/recovered /' -c 'preserve' \
        -c 'silent !kill -9 "$PPID"' other || true
      test -e .other.swp && "$1" -u NONE -i NONE -N -es -c 'set directory=.' -r other -c 'wq' && rm -f .other.swp &&
        grep -q '^recovered ' other
    ) || return 1
  done
}
