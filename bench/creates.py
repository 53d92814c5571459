#!/usr/bin/env python3
"""Measures what new small files cost in a real mount of the emulator's bucket: files a second and requests a file.

    bench/creates.py [--files N] [--latency-ms N] [--rounds N] [--cosfuse PATH]... [--durability WHEN]... [--emulator PATH]

Each file is created, written with 4 KiB and closed, by 1 and by 16 threads, in a directory that the mount has made and
in one that held 1,000 objects before it; beside it the same number of bare uploads over as many connections, which is
what the machine can do. "stored" is the rate until a sync of the directory has returned, too: with --durability=journal
the uploads follow the closes. With several --cosfuse or --durability the rounds are interleaved. Needs root and /dev/fuse.
"""

import argparse
import http.client
import os
import statistics
import tempfile
import threading
import time
import urllib.parse

from real_mount import Bucket, Mount

CONTENT = b"x" * 4096


def time_threads(work, threads):
    """The seconds that work(thread) takes in so many threads."""
    workers = [threading.Thread(target=work, args=(thread,)) for thread in range(threads)]
    begun = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.monotonic() - begun


def make_files(directory, threads, files):
    def work(thread):
        for number in range(thread, files, threads):
            fd = os.open(f"{directory}/new-{number:04}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.write(fd, CONTENT)
            os.close(fd)

    return time_threads(work, threads)


def sync_directory(directory):
    fd = os.open(directory, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def upload_bare(bucket, threads, files):
    def work(thread):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(bucket.facts["endpoint"]).netloc)
        for number in range(thread, files, threads):
            connection.request("PUT", f"/{bucket.facts['bucket']}/bare-{threads}/{number}", CONTENT,
                               {"Authorization": "Bearer " + bucket.token, "If-None-Match": "*"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"a bare upload was answered with {answer.status}")

    return time_threads(work, threads)


def measure(cosfuse, durability, arguments):
    """{(directory, threads): (files a second, requests by kind, files a second until all are stored)} of one mount."""
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        bucket = Bucket(arguments.emulator, scratch)
        try:
            for threads in (1, 16):
                for number in range(1000):
                    bucket.put(f"old-{threads}/obj-{number:04}")
            mount = Mount(cosfuse, durability, bucket, scratch)
            try:
                bucket.ask("POST", f"/_emulator/latency?ms={arguments.latency_ms}")
                for threads in (1, 16):
                    made = mount.path / f"made-{threads}"
                    bucket.take_counts()
                    for kind, directory in (("made", made), ("old", mount.path / f"old-{threads}")):
                        if kind == "made":
                            made.mkdir()
                        begun = time.monotonic()
                        seconds = make_files(directory, threads, arguments.files)
                        sync_directory(directory)
                        stored = arguments.files / (time.monotonic() - begun)
                        results[kind, threads] = (arguments.files / seconds, bucket.take_counts(), stored)
                    rate = arguments.files / upload_bare(bucket, threads, arguments.files)
                    results["bare", threads] = (rate, bucket.take_counts(), rate)
            finally:
                mount.end()
        finally:
            bucket.end()
    return results


def rate_of(result, row):
    return result[row][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--latency-ms", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cosfuse", action="append")
    parser.add_argument("--durability", action="append", choices=["close", "journal"])
    parser.add_argument("--emulator", default="build/release/cosfuse-emulator")
    arguments = parser.parse_args()
    ways = [(binary, durability) for binary in arguments.cosfuse or ["build/release/cosfuse"]
            for durability in arguments.durability or ["close"]]
    rounds = {way: [] for way in ways}
    for _ in range(arguments.rounds):
        for way in ways:
            rounds[way].append(measure(*way, arguments))
    for way, results in rounds.items():
        print(*way)
        for row in results[0]:
            rate = statistics.median(rate_of(result, row) for result in results)
            stored = statistics.median(result[row][2] for result in results)
            counts = results[-1][row][1]
            total = statistics.median(sum(result[row][1].values()) for result in results)
            bare = statistics.median(rate_of(result, row) / result["bare", row[1]][0] for result in results)
            print(f"  {row[0]}, {row[1]:2} threads: {rate:5.0f} files/s, stored {stored:5.0f}, {bare:.2f} of bare uploads, "
                  f"{rate * arguments.latency_ms / 1000 / row[1]:.2f} of one each {arguments.latency_ms} ms and thread, "
                  f"{total / arguments.files:.3f} requests a file: {counts}")


main()
