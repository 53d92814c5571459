#!/usr/bin/env bash
# Lets the S3 clients of the distribution work on the emulator, by HMAC credentials: s3fs and rclone mount a bucket and
# carry a tree of 1,000 files out and back; s3cmd and aws put, get, list, upload in parts and delete. And cosfuse, which
# has to be beside the emulator: what s3fs has written is the same through it, and the reverse.
#
#   tests/interop/run.sh PATH-OF-COSFUSE-EMULATOR [s3fs|rclone|s3cmd|aws|cosfuse]...      (default: all)
#
# Needs the packages of `scripts/install-dependencies interop`; for the mounts also root and /dev/fuse.
set -euo pipefail
export PATH=/usr/sbin:/sbin:/usr/bin:/bin # The distribution's clients, whatever else is installed.
# Whatever the caller has set for the real services is none of our clients' business.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(AWS|RCLONE)_')

# shellcheck source=tests/support/facts.sh
. "$(dirname "$(realpath "$0")")/../support/facts.sh"

emulator=$(realpath "${1:?the path of cosfuse-emulator}")
shift
[ $# -gt 0 ] || set -- s3fs rclone s3cmd aws cosfuse

access=interop-access
secret=interop-secret
bucket=interop-bucket
api_key=interop-key
files=1000
work=$(mktemp -d)
emulator_pid=
mount_pid=

cleanup() {
  if mountpoint -q "$work/mnt"; then umount -l "$work/mnt" || true; fi
  for pid in $mount_pid $emulator_pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT

start_emulator() {
  "$emulator" --signing-key "$emulator.signing-key.pem" --ready-file "$work/ready" --bucket "$bucket" \
    --hmac "$access:$secret:Writer" --api-key "$api_key" >"$work/emulator.log" 2>&1 &
  emulator_pid=$!
  eventually test -s "$work/ready" || { cat "$work/emulator.log"; exit 1; }
  endpoint=$(sed -n 's/.*"endpoint":"\([^"]*\)".*/\1/p' "$work/ready")
}

# 1,000 files in 20 directories: odd names, empty files, all sizes up to some KiB, and one that is uploaded in parts.
make_tree() {
  # shellcheck disable=SC2016  # A dollar in a name is a dollar.
  local odd=('a b' 'a+b' 'a%20b' 'a&b' 'a=b' 'a;b' 'a,b' 'a@b' 'a!b' "it's" '(x)' '[x]' '{x}' '~tilde' '.hidden' '#hash'
    'a$b' 'é' $'e\xcc\x81' '日本語' 'ünïcödé ☃' 'dots..' 'UPPER' 'upper' "$(printf 'n%.0s' {1..200})")
  local i directory
  for ((i = 0; i < files - ${#odd[@]} - 1; i++)); do
    directory=$work/tree/d$((i % 20))
    [ $i -ge 20 ] || mkdir -p "$directory"
    head -c $((i % 17 * i)) /dev/urandom >"$directory/file-$i" # Each seventeenth is empty.
  done
  mkdir "$work/tree/odd names"
  for i in "${!odd[@]}"; do echo "$i" >"$work/tree/odd names/${odd[$i]}"; done
  head -c 12000000 /dev/urandom >"$work/tree/in parts"
  test "$(find "$work/tree" -type f | wc -l)" -eq $files
}

mount_s3fs() {
  echo "$access:$secret" >"$work/s3fs-password" && chmod 600 "$work/s3fs-password" || return 1
  s3fs "$bucket" "$work/mnt" -f -o passwd_file="$work/s3fs-password" -o url="$endpoint" -o use_path_request_style \
    -o sigv4 -o multipart_size=5 -o use_xattr=1 >"$work/mount.log" 2>&1 &
  mount_pid=$!
}

mount_rclone() {
  cat >"$work/rclone.conf" <<END
[emulator]
type = s3
provider = IBMCOS
access_key_id = $access
secret_access_key = $secret
endpoint = $endpoint
END
  rclone --config "$work/rclone.conf" mount "emulator:$bucket" "$work/mnt" --dir-cache-time 1h >"$work/mount.log" 2>&1 &
  mount_pid=$!
}

mount_cosfuse() {
  mkdir -p "$work/cache" && echo "$api_key" >"$work/api-key" || return 1
  "$(dirname "$emulator")/cosfuse" mount --endpoint "$endpoint" --iam-endpoint "$endpoint" --api-key-file "$work/api-key" \
    --cache-dir "$work/cache" "$bucket" "$work/mnt" >"$work/mount.log" 2>&1 &
  mount_pid=$!
}

is_mounted() {
  mountpoint -q "$work/mnt"
}

# mount_bucket CLIENT
mount_bucket() {
  mkdir -p "$work/mnt"
  "mount_$1"
  eventually is_mounted || { cat "$work/mount.log"; return 1; }
}

# What a client still has to upload is there when its process has ended.
unmount_bucket() {
  umount "$work/mnt" && wait "$mount_pid"
  local status=$?
  mount_pid=
  [ $status -eq 0 ] || cat "$work/mount.log"
  return $status
}

keys_in_bucket() {
  curl -s "$endpoint/_emulator/objects?bucket=$bucket" | python3 -c '
import json, sys
for entry in json.load(sys.stdin):
    if not entry["key"].endswith("/"):
        print(entry["key"], entry["size"])' | LC_ALL=C sort
}

files_in_tree() {
  (cd "$work/tree" && find . -type f -printf '%P %s\n') | LC_ALL=C sort
}

# test_mount CLIENT: the copy back goes over a second mount, so that nothing comes from a cache of the first.
test_mount() {
  local client=$1
  check "$client mounts the bucket" mount_bucket "$client" && is_mounted || return 0
  check "$client: 1,000 files are copied out" cp -r "$work/tree/." "$work/mnt/"
  check "$client: it unmounts" unmount_bucket
  check "$client: the bucket holds these keys, in these sizes" diff <(files_in_tree) <(keys_in_bucket)
  check "$client mounts it again" mount_bucket "$client" && is_mounted || return 0
  check "$client: 1,000 files are copied back" cp -r "$work/mnt/." "$work/back/"
  check "$client: they are equal byte by byte" diff -r "$work/tree" "$work/back"
  check "$client: everything is deleted" find "$work/mnt" -mindepth 1 -delete
  check "$client: it unmounts at the end" unmount_bucket
  check "$client: the bucket is empty" test -z "$(keys_in_bucket)"
}

# The text is that of fs/extended_attributes_test.cc: what cosfuse writes is what s3fs writes and reads.
test_s3fs_attributes() {
  local field='%7B%22user.comment%22%3A%22aGVsbG8%3D%22%7D'
  field_in_bucket() {
    curl -s "$endpoint/_emulator/objects?bucket=$bucket" | python3 -c '
import json, sys
print(*[entry["metadata"].get("xattr") for entry in json.load(sys.stdin) if entry["key"] == "marked"])'
  }
  check "s3fs mounts the bucket for extended attributes" mount_bucket s3fs && is_mounted || return 0
  check "s3fs: a file gets an extended attribute" bash -c "echo x >'$work/mnt/marked' &&
    setfattr -n user.comment -v hello '$work/mnt/marked'"
  check "s3fs: the object's field is what cosfuse writes" test "$(field_in_bucket)" = "$field"
  check "s3fs: the attribute is read back" test "$(getfattr --absolute-names --only-values -n user.comment "$work/mnt/marked")" = hello
  check "s3fs: the file is deleted" rm "$work/mnt/marked"
  check "s3fs: it unmounts after that" unmount_bucket
}

# Everything that a client may store of a file beside its bytes.
make_attributes() {
  mkdir -p "$1/sub/deep" "$1/empty directory" && cd "$1" || return 1
  echo hello >file && chmod 640 file && chown 1234:2345 file && setfattr -n user.comment -v hello file
  : >empty && chmod 000 empty
  echo program >sub/deep/program && chmod 6755 sub/deep/program
  head -c 12000000 /dev/urandom >'in parts'
  ln -s sub/deep/program link && chown -h 77:88 link
  ln -s /no/such/file dangling && ln -s "$(printf 'x%.0s' {1..4000})" 'long link'
  mkfifo -m 600 pipe && mknod -m 622 device c 0 0
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
  chmod 1777 sub && chmod 2750 sub/deep && chown 7:8 sub/deep
  touch -d '2001-02-03 04:05:06.789012345 UTC' file && touch -d '2038-01-20 UTC' sub/deep/program
  touch -h -d '1999-12-31 23:59:59.5 UTC' link && touch -a -d '2005-05-05 UTC' file
  touch -d '2011-11-11 11:11:11 UTC' sub && cd /
}

# describe DIRECTORY [FORMAT]: all of that, of directories with what the format of find says. Their sizes are a client's
# own affair.
describe() {
  local times=${2-}
  (cd "$1" && {
    find . ! -type d -printf '%P|%y|%m|%U|%G|%T@|%l|%s\n'
    find . -mindepth 1 -type d -printf "%P|%y|%m|%U|%G$times\n"
    find . -type f ! -perm 000 -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    getfattr -d file
  }) | LC_ALL=C sort
}

names_in() {
  (cd "$1" && find . -mindepth 1 -printf '%P %y\n' | LC_ALL=C sort)
}

# What each of the markers is.
expected_markers() {
  printf '%s\n' 'bare d' 'bare/file f' 'implied d' 'implied/file f' 'old d' 'old-empty d' 'old/file f' 'typed d' \
    'typed/file f'
}

# put_object KEY [CURL-OPTION]...: an empty one.
put_object() {
  curl -sS --fail -X PUT -H "Authorization: Bearer $token" -H 'Content-Length: 0' "${@:2}" "$endpoint/$bucket/$1"
}

# The ways in which s3fs, its older versions and others say "a directory", each with a file below.
make_markers() {
  token=$(curl -sS --fail "$endpoint/_emulator/token?role=Writer") || return 1
  put_object markers/bare/ && put_object markers/bare/file &&
    put_object markers/typed/ -H 'Content-Type: application/x-directory' && put_object markers/typed/file &&
    put_object markers/old -H 'Content-Type: application/x-directory' -H 'x-amz-meta-mode: 16832' -H 'x-amz-meta-uid: 9' &&
    put_object markers/old/file &&
    put_object markers/old-empty -H 'Content-Type: application/x-directory' -H 'x-amz-meta-mode: 16832' &&
    put_object markers/implied/file
}

# What s3fs and cosfuse have written is the same through both, but for what only one of them keeps: s3fs has no numbers
# of devices, and shows no time before 1970; cosfuse stores a directory's times only with its mode and owner.
test_cosfuse() {
  check "s3fs mounts the bucket before cosfuse" mount_bucket s3fs && is_mounted || return 0
  check "s3fs: a tree with every attribute is made" make_attributes "$work/mnt/tree"
  describe "$work/mnt/tree" '|%T@' >"$work/by-s3fs"
  check "s3fs: all of it is there" test "$(wc -l <"$work/by-s3fs")" -eq 19
  check "s3fs: it unmounts before cosfuse" unmount_bucket
  check "markers of all kinds are made" make_markers

  check "cosfuse mounts the bucket" mount_bucket cosfuse && is_mounted || return 0
  check "cosfuse shows what s3fs wrote" diff "$work/by-s3fs" <(describe "$work/mnt/tree" '|%T@')
  check "cosfuse: every marker is a directory" diff <(expected_markers) <(names_in "$work/mnt/markers")
  check "cosfuse: an old marker's attributes count" test "$(stat -c '%a %u' "$work/mnt/markers/old")" = '700 9'
  check "cosfuse copies the tree" cp -a "$work/mnt/tree" "$work/mnt/copy"
  check "cosfuse renames its copy" mv "$work/mnt/copy" "$work/mnt/moved"
  check "cosfuse makes another" make_attributes "$work/mnt/made"
  check "cosfuse: the copy is like what s3fs wrote" diff "$work/by-s3fs" <(describe "$work/mnt/moved" '|%T@')
  describe "$work/mnt/made" >"$work/by-cosfuse"
  check "cosfuse unmounts" unmount_bucket

  check "s3fs mounts it again" mount_bucket s3fs && is_mounted || return 0
  check "s3fs shows what cosfuse made" diff "$work/by-cosfuse" <(describe "$work/mnt/made")
  check "s3fs shows what cosfuse copied" diff <(describe "$work/mnt/tree") <(describe "$work/mnt/moved")
  check "s3fs: every marker is a directory" diff <(expected_markers) <(names_in "$work/mnt/markers")
  check "s3fs removes what cosfuse made" rm -r "$work/mnt/made" "$work/mnt/moved"
  check "s3fs changes its own tree" chmod 604 "$work/mnt/tree/file"
  check "s3fs unmounts after that" unmount_bucket
  check "cosfuse mounts it again" mount_bucket cosfuse && is_mounted || return 0
  check "cosfuse shows the change" test "$(stat -c '%a %u:%g' "$work/mnt/tree/file")" = '604 1234:2345'
  check "cosfuse removes everything" find "$work/mnt" -mindepth 1 -delete
  check "cosfuse unmounts at the end" unmount_bucket
  check "cosfuse: the bucket is empty" test "$(curl -s "$endpoint/_emulator/objects?bucket=$bucket")" = '[]'
}

s3cmd_here() {
  s3cmd --config="$work/s3cmd.conf" --no-progress "$@"
}

test_s3cmd() {
  local host=${endpoint#http://}
  printf '%s\n' '[default]' "access_key = $access" "secret_key = $secret" "host_base = $host" "host_bucket = $host" \
    'use_https = False' 'multipart_chunk_size_mb = 5' >"$work/s3cmd.conf"
  local small="$work/tree/odd names/ünïcödé ☃"
  s3cmd_round_trip() {
    s3cmd_here put "$1" "s3://$bucket/$2" && s3cmd_here get --force "s3://$bucket/$2" "$work/got" && cmp "$1" "$work/got"
  }
  check "s3cmd lists the buckets" grep -F "s3://$bucket" <(s3cmd_here ls)
  check "s3cmd puts and gets a file" s3cmd_round_trip "$small" 'd/odd ☃ +%'
  check "s3cmd puts and gets a file in parts" s3cmd_round_trip "$work/tree/in parts" 'in-parts'
  check "s3cmd lists the bucket" diff <(printf '%s\n' "s3://$bucket/d/" "s3://$bucket/in-parts") \
    <(s3cmd_here ls "s3://$bucket" | awk '{print $NF}')
  check "s3cmd lists no upload in progress" test -z "$(s3cmd_here multipart "s3://$bucket" | grep in-parts)"
  check "s3cmd copies an object" s3cmd_here cp "s3://$bucket/in-parts" "s3://$bucket/copy"
  check "s3cmd sends a directory" s3cmd_here put --recursive "$work/tree/odd names" "s3://$bucket/sent/"
  check "s3cmd fetches a directory" s3cmd_here get --recursive "s3://$bucket/sent/odd names/" "$work/back/"
  check "s3cmd: it is equal byte by byte" diff -r "$work/tree/odd names" "$work/back"
  check "s3cmd deletes an object" s3cmd_here del "s3://$bucket/copy"
  check "s3cmd deletes everything" s3cmd_here del --recursive --force "s3://$bucket"
  check "s3cmd: the bucket is empty" test -z "$(keys_in_bucket)"
}

test_aws() {
  export AWS_ACCESS_KEY_ID=$access AWS_SECRET_ACCESS_KEY=$secret AWS_DEFAULT_REGION=us-south AWS_PAGER=
  export AWS_CONFIG_FILE=$work/aws.conf AWS_EC2_METADATA_DISABLED=true
  printf '%s\n' '[default]' 's3 =' '  multipart_threshold = 5MB' '  multipart_chunksize = 5MB' '  addressing_style = path' \
    >"$AWS_CONFIG_FILE"
  aws_s3() { aws --endpoint-url "$endpoint" s3 "$@"; }
  local parts="s3://$bucket/in parts"
  check "aws lists the buckets" grep -F "$bucket" <(aws_s3 ls)
  check "aws puts a file in parts" aws_s3 cp --only-show-errors "$work/tree/in parts" "$parts"
  check "aws: it has the ETag of three parts" grep -F -- '-3' <(curl -s "$endpoint/_emulator/objects?bucket=$bucket")
  check "aws gets it" aws_s3 cp --only-show-errors "$parts" "$work/got"
  check "aws: it is equal byte by byte" cmp "$work/tree/in parts" "$work/got"
  check "aws puts the files of a directory" aws_s3 sync --only-show-errors "$work/tree/odd names" "s3://$bucket/sent"
  check "aws lists them page by page" test "$(aws --endpoint-url "$endpoint" --output text s3api list-objects-v2 \
    --bucket "$bucket" --prefix sent/ --page-size 7 --query 'length(Contents)' | awk '{n += $1} END {print n}')" -eq 25
  check "aws gets them" aws_s3 sync --only-show-errors "s3://$bucket/sent" "$work/back"
  check "aws: they are equal byte by byte" diff -r "$work/tree/odd names" "$work/back"
  check "aws deletes an object" aws_s3 rm --only-show-errors "$parts"
  check "aws deletes everything" aws_s3 rm --only-show-errors --recursive "s3://$bucket"
  check "aws: the bucket is empty" test -z "$(keys_in_bucket)"
}

start_emulator
make_tree
mkdir "$work/back"
for client in "$@"; do
  rm -rf "$work/back"
  mkdir "$work/back"
  case $client in
    s3fs) test_mount s3fs && test_s3fs_attributes ;;
    rclone) test_mount rclone ;;
    s3cmd) test_s3cmd ;;
    aws) test_aws ;;
    cosfuse) test_cosfuse ;;
    *) echo "run.sh: unknown client '$client'." >&2 && exit 2 ;;
  esac
done
[ $failed -eq 0 ]
