#!/usr/bin/env bash
# Builds the image of ./Dockerfile on a Debian 13 made by debootstrap, runs it privileged against the emulator as the
# walk-through's pod would, and looks at the objects from outside through the COS API.
#
#   tests/container/run.sh
#
# COSFUSE_CONTAINER_CACHE  where the base system, image layers and the compiler cache stay for the next run
#                          (default /var/cache/cosfuse-container-test)
# COSFUSE_BUILD            the build with the emulator (default build/dev)
# shellcheck disable=SC2016  # What stands in single quotes is for the shell in the container.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/common.sh
. scripts/common.sh
# shellcheck source=tests/support/facts.sh
. tests/support/facts.sh

cache=${COSFUSE_CONTAINER_CACHE:-/var/cache/cosfuse-container-test}
emulator=${COSFUSE_BUILD:-build/dev}/cosfuse-emulator
image=localhost/cosfuse:test
base=localhost/cosfuse-test-base:trixie
largest_image_mib=400
work=$(mktemp -d)

# A storage of our own: nothing of the machine's images and containers is touched.
engine=(--root "$cache/storage" --runroot "$cache/run" --cgroup-manager cgroupfs)

cleanup() {
  if [ -n "${emulator_pid:-}" ]; then kill "$emulator_pid" 2>/dev/null || true; wait "$emulator_pid" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

make_base() {
  if podman "${engine[@]}" image exists "$base"; then return; fi
  echo "making the base system: debootstrap trixie"
  debootstrap --variant=minbase trixie "$work/trixie" >"$work/debootstrap.log" 2>&1 || {
    tail -n 20 "$work/debootstrap.log" >&2
    die 1 "debootstrap failed; its last lines are above."
  }
  rm -rf "$work/trixie/var/cache/apt/archives" "$work/trixie/var/lib/apt/lists"
  tar -C "$work/trixie" --one-file-system -c . | podman "${engine[@]}" import - "$base" >"$work/import.log" 2>&1
  rm -rf "$work/trixie"
}

make_image() {
  echo "building the image"
  mkdir -p "$cache/ccache"
  # Chroot isolation uses the machine's network and works in a container, too.
  buildah "${engine[@]}" bud --isolation chroot --layers --build-arg BASE="$base" -t "$image" \
    --volume "$cache/ccache:/root/.cache/ccache" . >"$work/build.log" 2>&1 || {
    tail -n 40 "$work/build.log" >&2
    die 1 "the image cannot be built; the last lines are above."
  }
}

# in_container [PODMAN-OPTION...] -- ARGUMENT...: the image's entry point with the walk-through's environment.
in_container() {
  local options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  timeout 60 podman "${engine[@]}" --runtime runc run --rm --privileged --network host \
    --ulimit nofile="$(at_most 16384 -n)" --ulimit nproc="$(at_most 16384 -u)" \
    --volume "$work/tokens:/var/run/secrets/tokens:ro" \
    --env COS_ENDPOINT="$endpoint" --env IBM_AUTH_ENDPOINT="$endpoint" --env COS_BUCKET="$bucket" \
    --env TRUSTED_PROFILE_ID="$writer" --env COS_OBJECT=trusted-profile-object.txt "${options[@]}" "$image" "$@"
}

start_emulator() {
  [ -x "$emulator" ] || build_preset dev cosfuse-emulator
  writer=Profile-00000000-0000-4000-8000-000000000001
  dropper=Profile-00000000-0000-4000-8000-000000000002
  "$emulator" --kubelet-dir "$work/tokens" --ready-file "$work/ready" --request-log "$work/requests" \
    --profile "ID=$writer,name=writer,namespace=default,service-account=default,role=Writer" \
    --profile "ID=$dropper,name=dropper,namespace=default,service-account=default,role=ObjectWriter" \
    >"$work/emulator.log" 2>&1 &
  emulator_pid=$!
  for _ in $(seq 100); do
    [ ! -s "$work/ready" ] || break
    kill -0 "$emulator_pid" || die 1 "the emulator ended: $(cat "$work/emulator.log")"
    sleep 0.1
  done
  endpoint=$(jq -r .endpoint "$work/ready")
  bucket=$(jq -r .bucket "$work/ready")
}

# object_is KEY FILE: the object has the file's bytes, read through the COS API with a token that stays out of argv.
object_is() {
  curl --silent --show-error --fail "$endpoint/_emulator/token?role=Writer" |
    sed 's/^/Authorization: Bearer /' >"$work/header" &&
    curl --silent --show-error --fail -H "@$work/header" "$endpoint/$bucket/$1" >"$work/object" &&
    cmp "$work/object" "$2"
}

exits_with() {
  local expected=$1 status=0
  shift
  "$@" || status=$?
  echo "exit status $status, expected $expected"
  [ "$status" -eq "$expected" ]
}

says_in_one_line() {
  local pattern=$1 status=0
  shift
  "$@" 2>"$work/stderr" >"$work/stdout" || status=$?
  echo "exit status $status, standard error:"
  cat "$work/stderr"
  [ "$status" -ne 0 ] && [ "$(wc -l <"$work/stderr")" -eq 1 ] && grep -qE "$pattern" "$work/stderr"
}

image_is_small() {
  local mib
  mib=$(podman "${engine[@]}" image inspect "$image" | jq '.[0].Size / 1048576 | floor')
  echo "$mib MiB"
  [ "$mib" -le "$largest_image_mib" ]
}

image_holds_no_tools() {
  in_container --entrypoint sh -- -c '! command -v g++ cmake ninja curl python3 && [ ! -e /source ] && [ ! -e /build ]'
}

# The end of the signature stands for the token.
no_token_is_shown() {
  local signature
  signature=$(tail -c 41 "$work/tokens/service-account-token" | tr -d '\n') &&
    [ ${#signature} -ge 40 ] &&
    ! grep -F -e "$signature" "$work"/*.log "$work/requests" "$work/stderr"
}

make_base
make_image
start_emulator
printf 'hello world\n' >"$work/hello"
printf '0123456789\n' >"$work/digits"

check "the image runs the program" in_container -- --version
check "the image is at most $largest_image_mib MiB" image_is_small
check "the image holds no tools of the build" image_holds_no_tools
check "an unprivileged user is there" in_container --user cosfuse --entrypoint sh -- -c '[ "$(id -u)" -ne 0 ]'

check "echo into the mount succeeds" \
  in_container -- run --mount /mnt -- sh -c 'echo "hello world" > /mnt/$COS_OBJECT'
check "the bytes are an object in the bucket" object_is trusted-profile-object.txt "$work/hello"
check "another container reads them" \
  in_container -- run --mount /mnt -- sh -c '[ "$(cat /mnt/$COS_OBJECT)" = "hello world" ]'
check "the program's exit status is returned" exits_with 7 in_container -- run --mount /mnt -- sh -c 'exit 7'
check "a program that a signal ended is told apart" \
  exits_with 143 in_container -- run --mount /mnt -- sh -c 'kill -TERM $$'

check "an Object Writer drops an object" \
  in_container --env TRUSTED_PROFILE_ID="$dropper" --env COSFUSE_ACCESS=write-only -- \
  run --mount /mnt -- sh -c 'echo 0123456789 > /mnt/dropped'
check "the dropped object is in the bucket" object_is dropped "$work/digits"
check "an Object Writer without --access=write-only gets one line with the way on" \
  says_in_one_line 'write-only' in_container --env TRUSTED_PROFILE_ID="$dropper" -- run --mount /mnt -- true
check "a missing bucket gets one line that names it" \
  says_in_one_line 'no-such-bucket' in_container --env COS_BUCKET=no-such-bucket -- run --mount /mnt -- true
check "no token is in a log" no_token_is_shown

[ -z "${COSFUSE_CI_COUNTS:-}" ] || echo "$passed $failed" >>"$COSFUSE_CI_COUNTS"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
