#!/usr/bin/env python3
"""Checks the walls of the house: who may include what, and what only one place may use.

    check_layering.py [ROOT]

Prints one line `FILE:LINE: what is wrong` for each violation and exits with 1 if there is any. The rules are the
tables below; docs/ARCHITECTURE.md explains them.
"""

import errno
import re
import statistics
import sys
from pathlib import Path

# Which rooms a room may include. A pair names the headers of a room's interface when only these are open to it.
OBJECT_STORE = ("cos", {"object_store.h", "forwarding_object_store.h", "limits.h"})
TOKEN_SOURCE = ("auth", {"token_source.h"})
TRANSPORT = ("http", {"transport.h", "retry.h", "retry_after.h", "http_date.h", "url.h"})
# The bytes that a request sends are part of the object store's contract.
BODY_SOURCE = ("http", {"transport.h"})
FILE_SYSTEM = ("fs", {"file_system.h", "errno.h"})
ROOMS = {
    "base": [],
    "http": ["base"],
    "auth": ["base", TRANSPORT],
    "cos": ["base", TRANSPORT, TOKEN_SOURCE],
    "cache": ["base", OBJECT_STORE, BODY_SOURCE],
    "fs": ["base", "cache", OBJECT_STORE],
    "fs/fuse": ["base", FILE_SYSTEM],
    "app": ["base", "http", "auth", "cos", "cache", "fs", "fs/fuse"],
    "emulator": ["base"],
}
# Tests may also use the fakes and faulty decorators of the rooms that theirs may see.
FAKE_HEADER = re.compile(r"(fake|faulty)_\w+\.h$")

# Third-party headers, and the folders that they stay in.
THIRD_PARTY = {
    r"spdlog/|fmt/": ["base"],
    r"curl/": ["http"],
    r"nlohmann/": ["auth", "emulator", "tests", "bench"],
    r"pugixml": ["cos", "emulator"],
    r"openssl/": ["cos", "emulator"],
    r"CLI/": ["app", "emulator"],
    r"microhttpd": ["emulator"],
    r"fuse|linux/fuse\.h": ["fs/fuse"],
}
TESTING = re.compile(r"(gtest|gmock)/")
TEST_FILE = re.compile(r"(_test\.cc|(^|/)(fake|faulty)_\w+\.(cc|h)|(^|/)\w+_fixture\.h)$")

# Threads and clocks come from base/ alone, so that tests can drive them.
THREADS = re.compile(
    r"\bstd::(jthread|thread|mutex|timed_mutex|recursive_mutex|shared_mutex|condition_variable(_any)?|this_thread|async"
    r"|lock_guard|unique_lock|scoped_lock|shared_lock)\b"
    r"|\bpthread_(create|mutex_\w+|cond_\w+)\b"
    r"|(?<![\w.>])(::)?(sleep|usleep|nanosleep|clock_gettime|clock_nanosleep|gettimeofday)\s*\("
    r"|\b(steady_clock|system_clock|high_resolution_clock)::now\b"
    r"|\btime\s*\(\s*(nullptr|NULL|0)\s*\)"
)
THREAD_HEADERS = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "latch", "barrier"}

# An errno is chosen in one file; the other places are the edges where a system call answers with one.
ERRNO_NAMES = frozenset(errno.errorcode.values()) | {"EOPNOTSUPP", "EDEADLOCK", "EWOULDBLOCK", "ENOATTR"}
ERRNO_EDGES = [
    "fs/errno",
    "fs/fuse/",
    "base/disk",
    "app/cache_directory",
    "app/child_process",
    "app/supervisor",
    "http/curl_error_test.cc",
    "tests/",
    "bench/",
]

# What tells a newcomer where a thing is decided; a file that it names must be there.
GUIDE = "docs/ARCHITECTURE.md"
NAMED_FILE = re.compile(r"`([\w./]+/[\w.]+\.(?:cc|h|py))`")

LONGEST_FILE = 600
MEDIAN_SOURCE = 200
SOURCES = (*(room for room in ROOMS if "/" not in room), "tests", "bench")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL,
)


def without_comments_and_strings(text):
    """The code alone, with every line where it was. Includes keep their names."""

    def blank(match):
        return "\n" * match.group().count("\n") or " "

    lines = text.split("\n")
    kept = {i: line for i, line in enumerate(lines) if INCLUDE.match(line)}
    code = TOKEN.sub(blank, text).split("\n")
    return [kept.get(i, line) for i, line in enumerate(code)]


def is_test(path):
    return path.startswith(("tests/", "bench/")) or TEST_FILE.search(path) is not None


def room_of(path):
    """The innermost room that the file lies in; for other files their first folder."""
    return max((room for room in ROOMS if path.startswith(room + "/")), key=len, default=path.split("/")[0])


def may_include_room(path, room, header):
    """Whether the file `path` may include `header` of `room`."""
    own = room_of(path)
    if own == room or own in ("tests", "bench"):
        return True
    for allowed in ROOMS[own]:
        if allowed == room:
            return True
        if isinstance(allowed, tuple) and allowed[0] == room:
            return header in allowed[1] or (is_test(path) and FAKE_HEADER.search(header) is not None)
    return False


def check_include(path, name):
    room = room_of(name)
    if room in ROOMS and name != room:
        if not may_include_room(path, room, name[len(room) + 1 :]):
            yield f"{room_of(path)} may not include {name}"
        return
    for pattern, homes in THIRD_PARTY.items():
        if re.match(pattern, name):
            if not any(path.startswith(home + "/") for home in homes):
                yield f"third-party header {name} outside {' and '.join(homes)}"
            elif path.endswith(".h") and pattern.startswith("CLI"):
                yield f"third-party header {name} in a header"
    if TESTING.match(name) and not is_test(path):
        yield f"{name} outside tests"
    if name in THREAD_HEADERS and not path.startswith("base/"):
        yield f"<{name}> outside base: use base/thread.h, base/mutex.h, base/clock.h"


def check_file(path, text):
    lines = without_comments_and_strings(text)
    if text.count("\n") > LONGEST_FILE:
        yield 1, f"{text.count(chr(10))} lines, {LONGEST_FILE} at most"
    for number, line in enumerate(lines, 1):
        include = INCLUDE.match(line)
        if include:
            for problem in check_include(path, include.group(2)):
                yield number, problem
            continue
        used = THREADS.search(line)
        if used and not path.startswith("base/"):
            yield number, f"{used.group().strip()} outside base: use base/thread.h, base/mutex.h, base/clock.h"
        if not path.startswith(tuple(ERRNO_EDGES)):
            for word in re.findall(r"\bE[A-Z0-9]{2,}\b", line):
                if word in ERRNO_NAMES:
                    yield number, f"{word} outside fs/errno.cc, which alone chooses an errno"


def check_guide(root):
    guide = root / GUIDE
    for number, line in enumerate(guide.read_text(encoding="utf-8").split("\n") if guide.exists() else [], 1):
        for name in NAMED_FILE.findall(line):
            if not (root / name).exists():
                yield f"{GUIDE}:{number}: there is no {name}"


def check_tree(root):
    """Every violation below `root`, as lines of text."""
    problems = []
    lengths = []
    for folder in SOURCES:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".cc", ".h") or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            text = file.read_text(encoding="utf-8")
            if file.suffix == ".cc" and not is_test(path):
                lengths.append(text.count("\n"))
            problems += [f"{path}:{number}: {problem}" for number, problem in check_file(path, text)]
    if not lengths:
        problems.append(f"{root}: no sources here")
    elif statistics.median(lengths) >= MEDIAN_SOURCE:
        problems.append(f"the median source file has {statistics.median(lengths):.0f} lines, it stays below {MEDIAN_SOURCE}")
    problems += check_guide(root)
    return problems


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    problems = check_tree(root)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} violations" if problems else "every header is in its room")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
