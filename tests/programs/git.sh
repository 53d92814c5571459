# shellcheck shell=bash
# git: lock files, renames, links that are refused, packs that are read by mmap. The dates are set, so that a history
# has the same hashes wherever it is made.
: "${work:?set by run.sh}"

use_program() {
  needs git
  export HOME=$work/home GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=C
  export GIT_COMMITTER_EMAIL=c@example.com GIT_AUTHOR_DATE='@1600000000 +0000' GIT_COMMITTER_DATE='@1600000000 +0000'
  mkdir "$HOME"
  git config --global init.defaultBranch main
  git config --global gc.auto 0
  git config --global safe.directory '*'
  check "git makes a history" both "$make_history"
  check "the history has the hashes of a local one" same_history repository
  check "git fsck finds nothing" git -C repository fsck --full --strict --no-dangling
  check "the working tree is clean" test -z "$(git -C repository status --porcelain)"
  check "git clone copies it within the mount" git clone -q repository clone
  check "git pull brings a commit over" pull
  check "git gc packs it" git -C repository gc -q --aggressive --prune=now
  check "git fsck finds nothing in the pack" git -C repository fsck --full --strict --no-dangling
  check "the lock files are gone" test -z "$(find . -name '*.lock')"
  check "all of it is in the bucket" fresh everything_is_there
}

# shellcheck disable=SC2016  # Expanded where it runs.
make_history='
  git init -q repository
  cd repository
  mkdir -p src/deep
  for i in $(seq 1 60); do seq $i 200 >src/f$i; done
  seq 1 200000 >large
  ln -s src/f1 link
  printf "%s\n" "#!/bin/sh" >run && chmod 755 run
  git add -A && git commit -q -m first
  for i in 1 2 3; do seq $i 7 >>src/f$i; git commit -q -a -m "edit $i"; done
  git checkout -q -b side HEAD~2
  git mv src/f5 src/deep/moved && git rm -q src/f6 && git commit -q -m side
  git checkout -q main
  git merge -q --no-ff -m merge side
  git tag -a -m tagged v1
  git stash list
  echo dirty >>run && git stash -q && git stash drop -q
  git rebase -q HEAD
'

same_history() {
  diff <(git -C "$work/local/repository" log --format='%H %T %s' --all) <(git -C "$1" log --format='%H %T %s' --all) &&
    (cd "$1" && diff <(git -C "$work/local/repository" ls-files -s) <(git ls-files -s))
}

pull() {
  local where
  git clone -q "$work/local/repository" "$work/local/clone" || return 1
  for where in "$work/local" "$work/mnt"; do
    (cd "$where/repository" && echo 1 >added && git add added && git commit -q -m add) &&
      git -C "$where/clone" pull -q || return 1
  done
  same_history clone
}

everything_is_there() {
  same_history repository && same_history clone && git -C repository fsck --full --strict --no-dangling &&
    git -C clone fsck --full --strict --no-dangling && test -z "$(git -C repository status --porcelain)" &&
    test -z "$(git -C clone status --porcelain)" && diff -r --no-dereference -x .git repository "$work/local/repository"
}
