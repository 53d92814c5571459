# shellcheck shell=bash
# The examples of docs/SEMANTICS.md: each block of `sh` is what a terminal shows, commands and answers, and is what comes
# out when its commands are run on two mounts of one bucket.
: "${work:?set by run.sh}" "${here:?set by run.sh}"

use_program() {
  needs python3 curl
  mkdir "$work/blocks"
  python3 - "$here/../../docs/SEMANTICS.md" "$work/blocks" <<'PYTHON'
import pathlib, re, sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
for number, block in enumerate(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)):
    pathlib.Path(sys.argv[2], f"{number:02}").write_text(block, encoding="utf-8")
PYTHON
  mount_at other
  local block
  check "there are examples" test -s "$work/blocks/06"
  for block in "$work"/blocks/??; do
    check "$(sed -n '1s/^\$ //p' "$block")" example_holds "$block"
  done
  # shellcheck disable=SC2154  # run.sh's.
  local pid=${mount_pids[-1]}
  unset 'mount_pids[-1]'
  check "the other mount ends with nothing left behind" end_mount "$work/other" "$pid"
}

# The commands of a block, each shown before it is run, in one shell.
example_holds() {
  export A=$work/mnt B=$work/other TOKEN
  TOKEN=$(curl -sS --fail "$COS_ENDPOINT/_emulator/token?role=Manager") || return 1
  {
    cat <<'PRELUDE'
exec 2>&1
# An object as any other client gets it; its last line is ended, so that the next answer begins a line.
object() {
  curl -sS --fail -H "Authorization: Bearer $TOKEN" "$COS_ENDPOINT/$COS_BUCKET/$1" 2>/dev/null | sed '$a\'
  [ "${PIPESTATUS[0]}" -eq 0 ] || echo "no such object"
}
PRELUDE
    sed -n 's/^\$ //p' "$1" | while IFS= read -r command; do printf 'echo %q\n%s\n' "\$ $command" "$command"; done
  } >"$work/example"
  diff "$1" <(bash "$work/example" | sed -e "s|$A|\$A|g" -e "s|$B|\$B|g")
}
