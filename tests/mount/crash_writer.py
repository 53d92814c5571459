"""Writes, edits, renames and unlinks files below DIRECTORY until it is ended, and says in LEDGER what it was told.

Each line of the ledger is written after the call that it speaks of: `begin NAME VERSION` before anything is done,
`ack NAME VERSION` when the last call for it has succeeded. VERSION 0 is a file that is not there. A version has a header
of 64 bytes (name, version, seed of the body, size of the body) and a body that follows from its seed.

    crash_writer.py DIRECTORY LEDGER SEED FILES
"""

import hashlib
import os
import random
import sys

HEADER = 64


def body(seed: int, size: int) -> bytes:
    block = hashlib.sha256(str(seed).encode()).digest()
    return (block * (size // len(block) + 1))[:size]


def header(name: str, version: int, seed: int, size: int) -> bytes:
    return f"{name} {version} {seed} {size}".encode().ljust(HEADER)


def check(name: str, content: bytes) -> int:
    """The version that the content is; raises where it is none."""
    fields = content[:HEADER].decode().split()
    if len(fields) != 4 or fields[0] != name:
        raise ValueError(f"{name}: no header in {content[:HEADER]!r}")
    version, seed, size = (int(field) for field in fields[1:])
    if content[HEADER:] != body(seed, size):
        raise ValueError(f"{name}: version {version} has another body, {len(content) - HEADER} of {size} bytes")
    return version


def main() -> None:
    directory, ledger_path, seed, files = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    dice = random.Random(seed)
    # One descriptor for the whole life: what it says survives this process and the mount's.
    ledger = os.open(ledger_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(line: str) -> None:
        os.write(ledger, (line + "\n").encode())

    # Another run starts from what the ledger says last.
    state: dict[str, tuple[int, int, int]] = {}
    counter = seed * 1_000_000
    while True:
        name = f"f{dice.randrange(files)}"
        path = os.path.join(directory, name)
        counter += 1
        present = state.get(name)
        what = dice.choice(["rewrite", "rename", "edit", "unlink", "append"])
        size = dice.choice([0, 10, 4000, 70_000, 300_000])
        body_seed = counter
        if what == "unlink" and present:
            note(f"begin {name} 0")
            os.unlink(path)
            note(f"ack {name} 0")
            del state[name]
        elif what == "edit" and present:
            note(f"begin {name} {counter}")
            fd = os.open(path, os.O_WRONLY)
            os.write(fd, header(name, counter, present[1], present[2]))
            os.close(fd)
            note(f"ack {name} {counter}")
            state[name] = (counter, present[1], present[2])
        elif what == "rename":
            note(f"begin {name} {counter}")
            temporary = path + ".tmp"
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(fd, header(name, counter, body_seed, size) + body(body_seed, size))
            os.close(fd)
            os.rename(temporary, path)
            note(f"ack {name} {counter}")
            state[name] = (counter, body_seed, size)
        else:
            note(f"begin {name} {counter}")
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(fd, header(name, counter, body_seed, size))
            os.write(fd, body(body_seed, size))
            if what == "append":
                os.fsync(fd)
            os.close(fd)
            note(f"ack {name} {counter}")
            state[name] = (counter, body_seed, size)


if __name__ == "__main__":
    main()
