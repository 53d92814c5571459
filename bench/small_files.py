#!/usr/bin/env python3
"""Measures small files in mounts of the emulator's bucket: cosfuse with either durability, and s3fs.

    bench/small_files.py [--files N] [--latency-ms N] [--rounds N] [--cosfuse PATH] [--emulator PATH] [--without-s3fs]

Of each mount, with one program that has one thing to do at a time:

    create   files of 4 KiB are created, written and closed
    rename   the same under a temporary name, which is then replaced by the final one, as editors and rsync do
    untar    `tar x` of as many files and then fsync of the directory: until the last byte is in the store
    remove   `rm -r` of what tar has made, and then fsync of the directory above

Prints files a second, requests a file, and the requests by kind. Where closes wait for the store, only a tenth of the
files is used. Rounds are interleaved; medians. The local disk's own fdatasync is printed beside. Needs root and /dev/fuse.
"""

import argparse
import io
import os
import statistics
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

from real_mount import Bucket, Mount, S3fsMount

CONTENT = b"x" * 4096


def write_file(path):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(fd, CONTENT)
    os.close(fd)


def create(directory, files):
    for number in range(files):
        write_file(directory / f"new-{number:05}")


def rename(directory, files):
    for number in range(files):
        temporary = directory / f".new-{number:05}.tmp"
        write_file(temporary)
        os.chmod(temporary, 0o640)
        os.rename(temporary, directory / f"final-{number:05}")


def sync_directory(directory):
    fd = os.open(directory, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def make_archive(files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for number in range(files):
            entry = tarfile.TarInfo(f"d{number % 20:02}/f{number:05}")
            entry.size = len(CONTENT)
            entry.mode = 0o644
            entry.mtime = 1_700_000_000
            tar.addfile(entry, io.BytesIO(CONTENT))
    return archive.getvalue()


def untar(directory, files):
    subprocess.run(["tar", "x", "-C", directory], input=make_archive(files), check=True)
    for below in directory.iterdir():
        sync_directory(below)
    sync_directory(directory)


def remove(directory, files):
    del files
    subprocess.run(["rm", "-r", directory], check=True)
    sync_directory(directory.parent)


def fdatasync_seconds(directory):
    seconds = []
    with open(Path(directory, "probe"), "wb") as file:
        for _ in range(50):
            file.write(CONTENT)
            file.flush()
            begun = time.monotonic()
            os.fdatasync(file.fileno())
            seconds.append(time.monotonic() - begun)
    return statistics.median(seconds)


def measure(way, arguments):
    """{step: (files a second, files, requests by kind)} of one mount."""
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        bucket = Bucket(arguments.emulator, scratch)
        try:
            mount = S3fsMount(bucket, scratch) if way == "s3fs" else Mount(arguments.cosfuse, way, bucket, scratch)
            try:
                bucket.ask("POST", f"/_emulator/latency?ms={arguments.latency_ms}")
                for step in (create, rename, untar, remove):
                    files = arguments.files if way == "journal" else arguments.files // 10
                    directory = mount.path / ("untar" if step is remove else step.__name__)
                    if step is not remove:
                        directory.mkdir()
                    bucket.take_counts()
                    begun = time.monotonic()
                    step(directory, files)
                    rate = files / (time.monotonic() - begun)
                    results[step.__name__] = (rate, files, bucket.take_counts())
                    # What follows a close is not to be counted with the next step.
                    sync_directory(mount.path)
            finally:
                mount.end()
        finally:
            bucket.end()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--latency-ms", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cosfuse", default="build/release/cosfuse")
    parser.add_argument("--emulator", default="build/release/cosfuse-emulator")
    parser.add_argument("--without-s3fs", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print(f"fdatasync of the local disk: {fdatasync_seconds(scratch) * 1000:.2f} ms")
    ways = ["journal", "close"] + ([] if arguments.without_s3fs else ["s3fs"])
    rounds = {way: [] for way in ways}
    for _ in range(arguments.rounds):
        for way in ways:
            rounds[way].append(measure(way, arguments))
    for way, results in rounds.items():
        print(way)
        for step in results[0]:
            rate = statistics.median(result[step][0] for result in results)
            files, counts = results[-1][step][1:]
            print(f"  {step}: {rate:7.1f} files/s, {sum(counts.values()) / files:.3f} requests a file of {files}: {counts}")


main()
