#!/usr/bin/env bash
# Lets a program of the distribution work in a mount of the emulator's bucket, and checks what it made: by the program's
# own check, against the same done in a local directory, and through another mount that is made afterwards, so that what
# counts is what arrived in the bucket.
#
#   tests/programs/run.sh PATH-OF-COSFUSE PATH-OF-COSFUSE-EMULATOR PROGRAM...
#
# PROGRAM is a script beside this one, without `.sh`. It sees:
#   $work/local   an empty local directory
#   $work/mnt     the mount
#   check         one fact and the command that proves it
#   fresh         a command in another mount of the bucket, which has seen nothing yet
#   object KEY    the bytes of an object, past every mount
# Needs the packages of `scripts/install-dependencies test`, root and /dev/fuse.
set -euo pipefail
export PATH=/usr/sbin:/sbin:/usr/bin:/bin LC_ALL=C TZ=UTC # The distribution's programs, whatever else is installed.
umask 022

here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/support/facts.sh
. "$here/../support/facts.sh"
cosfuse=$(realpath "${1:?the path of cosfuse}")
emulator=$(realpath "${2:?the path of cosfuse-emulator}")
shift 2

work=
emulator_pid=
mount_pids=()

# end_mount DIRECTORY PID: the exit status is the mount's own, which says whether bytes stayed behind.
end_mount() {
  if mountpoint -q "$1"; then umount "$1" 2>/dev/null || umount -l "$1" || true; fi
  wait "$2"
}

cleanup() {
  local directory
  [ -n "$work" ] || return 0
  for directory in "$work/mnt" "$work/fresh"; do
    if mountpoint -q "$directory"; then umount -l "$directory" || true; fi
  done
  for pid in "${mount_pids[@]}" $emulator_pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  mount_pids=()
  emulator_pid=
  rm -rf --one-file-system "$work"
  work=
}
trap cleanup EXIT

needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || {
      echo "run.sh: $tool is not installed; scripts/install-dependencies test installs it."
      exit 77
    }
  done
}

fact_of_emulator() {
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/ready"
}

start_emulator() {
  "$emulator" --signing-key "$emulator.signing-key.pem" --ready-file "$work/ready" \
    --kubelet-dir "$work/tokens" >"$work/emulator.log" 2>&1 &
  emulator_pid=$!
  eventually test -s "$work/ready" || { cat "$work/emulator.log"; exit 1; }
  export COS_ENDPOINT IBM_AUTH_ENDPOINT COS_BUCKET TRUSTED_PROFILE_ID CR_TOKEN_FILE_PATH
  COS_ENDPOINT=$(fact_of_emulator endpoint)
  IBM_AUTH_ENDPOINT=$COS_ENDPOINT
  COS_BUCKET=$(fact_of_emulator bucket)
  TRUSTED_PROFILE_ID=$(fact_of_emulator profile_id)
  CR_TOKEN_FILE_PATH=$(fact_of_emulator token_file)
}

# mount_at NAME: the last of mount_pids is its process.
mount_at() {
  mkdir -p "$work/$1"
  : >"$work/$1.log"
  "$cosfuse" mount --cache-dir "$work/cache-$1" "$work/$1" >"$work/$1.log" 2>&1 &
  mount_pids+=($!)
  eventually grep -q '"\?mounted ' "$work/$1.log" || { cat "$work/$1.log"; exit 1; }
}

# fresh COMMAND...: in a mount that is made for it, at the same place below its mountpoint.
fresh() {
  local status=0
  mount_at fresh
  (cd "$work/fresh" && "$@") || status=$?
  end_mount "$work/fresh" "${mount_pids[-1]}" || { cat "$work/fresh.log"; status=1; }
  unset 'mount_pids[-1]'
  rm -rf "$work/cache-fresh"
  return $status
}

object() {
  curl -sS --fail -H "Authorization: Bearer $(curl -sS --fail "$COS_ENDPOINT/_emulator/token?role=Manager")" \
    "$COS_ENDPOINT/$COS_BUCKET/$1"
}

keys_in_bucket() {
  curl -sS --fail "$COS_ENDPOINT/_emulator/objects?bucket=$COS_BUCKET" | jq -r '.[].key' | sort
}

# both SCRIPT: the same shell script in the local directory and in the mount.
both() {
  (cd "$work/local" && bash -euo pipefail -c "$1") && (cd "$work/mnt" && bash -euo pipefail -c "$1")
}

# same [NAME...]: type, mode, link target and bytes of everything below are those of the local directory.
same() {
  [ $# -gt 0 ] || set -- .
  diff <(cd "$work/local" && describe "$@") <(describe "$@")
}

describe() {
  find "$@" -not -type d -printf '%p %y %m %l\n' | sort
  find "$@" -type d -printf '%p %y %m\n' | sort
  find "$@" -type f -print0 | sort -z | xargs -0 -r sha256sum
}

run_program() {
  work=$(mktemp -d /tmp/cosfuse-program.XXXXXX)
  mkdir "$work/local"
  # shellcheck source=/dev/null
  . "$here/$1.sh"
  start_emulator
  mount_at mnt
  cd "$work/mnt"
  use_program
  cd /
  local pid=${mount_pids[-1]}
  unset 'mount_pids[-1]'
  check "the mount ends with nothing left behind" end_mount "$work/mnt" "$pid"
  check "no upload is left open" test "$(curl -sS --fail "$COS_ENDPOINT/_emulator/counters" | jq .open_uploads)" -eq 0
  if [ $failed -ne 0 ]; then sed 's/^/      mount: /' "$work/mnt.log" | tail -n 30; fi
  cleanup
}

for program in "$@"; do
  if [ ! -f "$here/$program.sh" ] || [ "$program" = run ]; then
    echo "run.sh: unknown program '$program'." >&2
    exit 2
  fi
  run_program "$program"
done
[ $failed -eq 0 ]
