#!/usr/bin/env python3
"""Random system calls of several users in one directory, and what each answered.

    random_calls.py DIRECTORY SEED COUNT   one line a call
    random_calls.py DIRECTORY              one line for each thing in the directory

The same seed gives the same calls: what is printed for a mount and for a local directory is equal, line by line, or the
mount is wrong. Run as root.
"""

import errno
import os
import random
import stat
import sys
import zlib

NAMES = ["a", "b", "c", "d", "dd", "d/a", "d/b", "d/e", "d/e/a", "f", "f/a", "l/a"]
DIRECTORIES = [".", "d", "d/e", "f"]
LINK_TARGETS = ["a", "d", "../a", "nowhere", "l"]
MODES = [0o000, 0o444, 0o600, 0o644, 0o666, 0o755, 0o777, 0o1777, 0o2775, 0o4755]
USERS = [0, 0, 1000, 2000]
IDS = [-1, 0, 1000, 2000]
OPEN_FLAGS = [os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND]
MOST_OPEN = 8


def describe(status):
    # What a directory's size is, and how many links it has, differs between local file systems as well.
    size = "-" if stat.S_ISDIR(status.st_mode) else status.st_size
    return oct(status.st_mode), status.st_uid, status.st_gid, size


class Caller:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.files = []

    def draw(self):
        """All that a call might use, so that equal seeds draw equally whatever the calls answer."""
        pick = self.random
        self.path, self.other = pick.choice(NAMES), pick.choice(NAMES)
        self.mode, self.directory = pick.choice(MODES), pick.choice(DIRECTORIES)
        self.target, self.flags = pick.choice(LINK_TARGETS), pick.choice(OPEN_FLAGS)
        self.uid, self.gid, self.follow = pick.choice(IDS), pick.choice(IDS), pick.random() < 0.5
        if self.uid == self.gid == -1:
            self.gid = 0  # Whether a stranger may change nothing depends on set-id bits; the kernel decides, not we.
        self.offset, self.slot, self.keep = pick.randrange(9000), pick.randrange(100), pick.random() < 0.3
        self.bytes = pick.randbytes(3) * 20

    def open_for(self, flags, mode=0o644):
        return os.open(self.path, flags | os.O_NONBLOCK, mode)  # A pipe that nobody reads is ENXIO, not a wait.

    def keep_or_close(self, file):
        if self.keep and len(self.files) < MOST_OPEN:
            self.files.append(file)
        else:
            os.close(file)

    def open_file(self):
        return self.files[self.slot % len(self.files)]

    def create(self):
        file = self.open_for(os.O_CREAT | os.O_WRONLY, self.mode)
        os.write(file, self.bytes)
        self.keep_or_close(file)

    def create_exclusively(self):
        os.close(self.open_for(os.O_CREAT | os.O_EXCL | os.O_WRONLY, self.mode))

    def create_empty(self):
        os.close(self.open_for(os.O_CREAT | os.O_TRUNC | os.O_WRONLY, self.mode))

    def open(self):
        file = self.open_for(self.flags)
        if stat.S_ISREG(os.fstat(file).st_mode):
            self.keep_or_close(file)
        else:
            os.close(file)

    def write(self):
        file = self.open_for(os.O_WRONLY)
        if stat.S_ISREG(os.fstat(file).st_mode):
            os.pwrite(file, self.bytes, self.offset)
        os.close(file)

    def read(self):
        with open(self.open_for(os.O_RDONLY), "rb") as file:
            return file.read()[-50:]

    def truncate(self):
        os.truncate(self.path, self.offset)

    def make_directory(self):
        os.mkdir(self.path, self.mode)

    def remove_directory(self):
        os.rmdir(self.path)

    def unlink(self):
        os.unlink(self.path)

    def rename(self):
        os.rename(self.path, self.other)

    def link_symbolically(self):
        os.symlink(self.target, self.path)

    def make_fifo(self):
        os.mkfifo(self.path, self.mode)

    def change_mode(self):
        os.chmod(self.path, self.mode)

    def change_owner(self):
        os.chown(self.path, self.uid, self.gid, follow_symlinks=self.follow)

    def change_times(self):
        os.utime(self.path, (10**9, 10**9 + self.offset))
        return os.stat(self.path).st_mtime

    def status(self):
        return describe(os.lstat(self.path))

    def list(self):
        return sorted(os.listdir(self.directory))

    def access(self):
        return [os.access(self.path, right, effective_ids=True) for right in (os.R_OK, os.W_OK, os.X_OK)]

    def write_open(self):
        os.pwrite(self.open_file(), self.bytes, self.offset)

    def read_open(self):
        return os.pread(self.open_file(), 50, self.offset)

    def truncate_open(self):
        os.ftruncate(self.open_file(), self.offset)

    def status_of_open(self):
        status = os.fstat(self.open_file())
        return *describe(status), status.st_nlink

    def close(self):
        os.close(self.files.pop(self.slot % len(self.files)))


ANY_TIME = [Caller.create, Caller.create_exclusively, Caller.create_empty, Caller.open, Caller.write, Caller.read,
            Caller.truncate, Caller.make_directory, Caller.remove_directory, Caller.unlink, Caller.rename,
            Caller.link_symbolically, Caller.make_fifo, Caller.change_mode, Caller.change_owner, Caller.change_times,
            Caller.status, Caller.list, Caller.access]
WITH_OPEN_FILES = [Caller.write_open, Caller.read_open, Caller.truncate_open, Caller.status_of_open, Caller.close]


def call_at_random(seed, count):
    caller = Caller(seed)
    for number in range(count):
        user = caller.random.choice(USERS)
        call = caller.random.choice(ANY_TIME + (WITH_OPEN_FILES if caller.files else []))
        caller.draw()
        os.setegid(user)
        os.seteuid(user)
        try:
            answer = call(caller)
        except OSError as error:
            answer = errno.errorcode[error.errno]
        os.seteuid(0)
        os.setegid(0)
        print(number, user, call.__name__, caller.path, caller.other, oct(caller.mode), caller.offset, "->", answer)


def describe_tree():
    for folder, directories, files in os.walk("."):
        directories.sort()
        for name in sorted(directories + files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = None
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    content = zlib.crc32(file.read())
            print(path, describe(status), os.readlink(path) if stat.S_ISLNK(status.st_mode) else content)


def main():
    os.umask(0o022)
    os.setgroups([])
    os.chdir(sys.argv[1])
    if len(sys.argv) > 2:
        call_at_random(int(sys.argv[2]), int(sys.argv[3]))
    else:
        describe_tree()


if __name__ == "__main__":
    main()
