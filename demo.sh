#!/usr/bin/env bash
# Shows cosfuse at work: installs what is needed, builds, mounts a bucket and uses it with ordinary programs.
#
#   ./demo.sh          against an emulated IBM Cloud (IAM, COS and kubelet in one local process)
#   ./demo.sh --stay   leaves the mount to play with, and says how to end it
#
# In a pod where TRUSTED_PROFILE_ID, COS_ENDPOINT, COS_BUCKET and the service account's token file are there, the real
# service is used instead, below a new prefix of the bucket that is removed again. Needs root and /dev/fuse.
# shellcheck disable=SC2016  # run and expect take the command line that they show.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/common.sh
. scripts/common.sh

stay=false
case ${1:-} in
  '') ;;
  --stay) stay=true ;;
  -h | --help) print_header_comment "$0" && exit 0 ;;
  *) die 2 "unknown option '$1'. See ./demo.sh --help." ;;
esac
can_mount || die 1 "a mount needs root and /dev/fuse. Run as root; in a container, a privileged one."

preset=${COSFUSE_DEMO_BUILD:-release}
PATH=$PWD/build/$preset:$PATH
work=
MNT=
emulator_pid=

# Only what this script made is ended and removed. A directory is never removed while the bucket is mounted in it.
cleanup() {
  local status=$?
  trap - EXIT
  if [ -n "$MNT" ] && mountpoint -q "$MNT"; then
    rm -rf "${MNT:?}"/*
    cosfuse unmount "$MNT" 2>/dev/null || umount --lazy "$MNT"
  fi
  [ -z "$emulator_pid" ] || { kill "$emulator_pid" && wait "$emulator_pid"; } 2>/dev/null || true
  if [ $status -ne 0 ] && [ -n "$work" ]; then
    printf '\ndemo.sh: stopped with status %s. The mount said:\n' "$status" >&2
    tail -n 20 "$work/mount.log" >&2 2>/dev/null || true
  fi
  if [ -n "$work" ]; then
    rmdir "$MNT" && rm -rf --one-file-system "$work"
  fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
number=0
step() {
  number=$((number + 1))
  printf '\n%s%s. %s%s\n' "$bold" "$number" "$1" "$plain"
}

# run COMMAND: shows a command line as the user would type it, then what it says. Ends the demonstration if it fails.
run() {
  printf '   $ %s\n' "$1"
  eval "$1" 2>&1 | sed 's/^/     /'
}

# expect COMMAND: a comparison that has to hold.
expect() {
  printf '   $ %s\n' "$1"
  eval "$1" || die 1 "this should have held: $1"
  printf '     yes\n'
}

counters() {
  curl --silent --show-error --fail "$COS_ENDPOINT/_emulator/counters"
}

scripts/install-dependencies build demo
build_preset "$preset" cosfuse cosfuse-emulator
began=$SECONDS
work=$(mktemp -d /tmp/cosfuse-demo.XXXXXX)
MNT=$work/mnt
mkdir "$MNT"

real=false
if [ -n "${TRUSTED_PROFILE_ID:-}" ] && [ -n "${COS_ENDPOINT:-}" ] && [ -n "${COS_BUCKET:-}" ] &&
  [ -r "${CR_TOKEN_FILE_PATH:-/var/run/secrets/tokens/service-account-token}" ]; then
  real=true
fi

if $real; then
  step "The pod's service account and the trusted profile: what is set here"
  run 'printf "%s\n" "$TRUSTED_PROFILE_ID" "$COS_ENDPOINT" "$COS_BUCKET"'
else
  step "An emulated IBM Cloud: IAM, COS, and a kubelet that projects the service account's token"
  echo "   (access tokens live 20 seconds here, so that one ends while we look)"
  cosfuse-emulator --kubelet-dir "$work/tokens" --access-token-lifetime 20 --ready-file "$work/ready" \
    >"$work/emulator.log" 2>&1 &
  emulator_pid=$!
  for _ in $(seq 100); do
    [ ! -s "$work/ready" ] || break
    kill -0 "$emulator_pid" || die 1 "the emulator did not start: $(cat "$work/emulator.log")"
    sleep 0.1
  done
  export COS_ENDPOINT IBM_AUTH_ENDPOINT COS_BUCKET TRUSTED_PROFILE_ID CR_TOKEN_FILE_PATH
  COS_ENDPOINT=$(jq -r .endpoint "$work/ready")
  IBM_AUTH_ENDPOINT=$(jq -r .iam "$work/ready")
  COS_BUCKET=$(jq -r .bucket "$work/ready")
  TRUSTED_PROFILE_ID=$(jq -r .profile_id "$work/ready")
  CR_TOKEN_FILE_PATH=$(jq -r .token_file "$work/ready")
  run 'printf "%s\n" "$TRUSTED_PROFILE_ID" "$COS_ENDPOINT" "$COS_BUCKET"'
  run 'ls -lL "$CR_TOKEN_FILE_PATH"'
fi
COS_OBJECT=${COS_OBJECT:-trusted-profile-object.txt}
BUCKET=${COS_BUCKET%%:*}
PREFIX=cosfuse-demo-$(date +%Y%m%d-%H%M%S)-$$/

step "Who am I? The token file is exchanged, through the profile, for a bearer token"
run 'cosfuse token'

step "The bucket becomes a directory"
printf '   $ %s\n' "cosfuse mount --background $BUCKET:$PREFIX $MNT"
cosfuse mount --background "$BUCKET:$PREFIX" "$MNT" >"$work/mount.log" 2>&1 || {
  cat "$work/mount.log" >&2
  die 1 "the mount failed; its line is above."
}
run 'df -h --output=source,fstype,size,target "$MNT"'

step "Ordinary programs: a file written with echo, an object seen through the COS API"
run 'echo "hello world" > $MNT/$COS_OBJECT'
run 'cat $MNT/$COS_OBJECT'
run 'cosfuse token --header | curl --silent --show-error --fail --header @- $COS_ENDPOINT/$BUCKET/$PREFIX$COS_OBJECT'

step "More of them: cp -r, ls -l, mv, sed -i, tar, rm"
run 'cp -r docs $MNT/docs'
expect 'diff -r docs $MNT/docs'
run 'ls -l $MNT/docs'
run 'mv $MNT/docs/SEMANTICS.md $MNT/promises.md'
run 'sed -i "1s/.*/# What cosfuse promises/" $MNT/promises.md && head -n 1 $MNT/promises.md'
run 'tar -C $MNT -cf $MNT/docs.tar docs && tar -tf $MNT/docs.tar | wc -l'
run 'rm -r $MNT/docs'
run 'ls -l $MNT'

if $real; then
  step "What the service holds now"
else
  step "A token of 20 seconds ends while a file is being written"
  exchanges_before=$(counters | jq .token_exchanges)
  echo "   (25 seconds of writing, one line each second; the file is sent when it is closed)"
  run 'for i in $(seq 25); do date; sleep 1; done > $MNT/clock.txt'
  expect '[ "$(cosfuse token --header | curl -sS --fail -H @- $COS_ENDPOINT/$BUCKET/${PREFIX}clock.txt | wc -l)" -eq 25 ]'
  echo "   exchanges of the service account's token so far: $(counters | jq .token_exchanges), $exchanges_before before"

  step "What all of it cost: requests by kind, as the service counted them"
  run 'counters | jq -c ".requests, {bytes_in, bytes_out, open_uploads}"'
fi
run 'cosfuse token --header | curl -sS --fail -H @- "$COS_ENDPOINT/$BUCKET?list-type=2&prefix=$PREFIX" | grep -o "<Key>[^<]*"'

if $stay; then
  trap - EXIT INT TERM
  disown -a
  printf '\n%sThe mount stays: %s%s\nTo end it:\n' "$bold" "$MNT" "$plain"
  if $real; then printf '   rm -r %s/*\n' "$MNT"; fi
  printf '   %s unmount %s%s && rmdir %s && rm -r %s\n' "$PWD/build/$preset/cosfuse" "$MNT" \
    "${emulator_pid:+ && kill $emulator_pid}" "$MNT" "$work"
  exit 0
fi

step "The end: everything removed, unmounted"
run 'rm -r $MNT/*'
run 'cosfuse unmount $MNT'
mountpoint -q "$MNT" && die 1 "$MNT is still mounted."
printf '\nDone in %s seconds after the build. ./demo.sh --stay leaves the mount to you.\n' $((SECONDS - began))
