"""An emulator and mounts of its bucket, as children of a benchmark. Needs root and /dev/fuse."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

ACCESS, SECRET = "bench-access", "bench-secret-0123456789"


class Bucket:
    """An emulator of its own."""

    def __init__(self, binary, scratch):
        ready = Path(scratch, "ready.json")
        self.process = subprocess.Popen(
            [binary, "--listen", "127.0.0.1:0", "--ready-file", ready, "--kubelet-dir", f"{scratch}/tokens",
             "--hmac", f"{ACCESS}:{SECRET}"],
            stdout=subprocess.DEVNULL)
        while not ready.exists():
            time.sleep(0.05)
        self.facts = json.loads(ready.read_text())
        self.token = self.ask("GET", "/_emulator/token?role=Writer")

    def ask(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.facts["endpoint"] + path, method=method, data=body, headers=headers or {})
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def put(self, key):
        self.ask("PUT", f"/{self.facts['bucket']}/{key}", b"old", {"Authorization": "Bearer " + self.token})

    def end(self):
        self.process.terminate()
        self.process.wait()

    def take_counts(self):
        counts = json.loads(self.ask("GET", "/_emulator/counters"))["requests"]
        self.ask("POST", "/_emulator/counters/reset")
        return counts


def wait_for_mount(path, process):
    while not path.is_mount():
        if process.poll() is not None:
            raise RuntimeError(f"the mount ended with {process.returncode}")
        time.sleep(0.05)


class Mount:
    """A mount of cosfuse."""

    def __init__(self, binary, durability, bucket, scratch):
        self.path = Path(scratch, "mnt")
        self.path.mkdir()
        environment = {"TRUSTED_PROFILE_ID": bucket.facts["profile_id"], "COS_ENDPOINT": bucket.facts["endpoint"],
                       "COS_BUCKET": bucket.facts["bucket"], "IBM_AUTH_ENDPOINT": bucket.facts["endpoint"],
                       "CR_TOKEN_FILE_PATH": bucket.facts["token_file"], "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen([binary, "mount", self.path, "--cache-dir", f"{scratch}/cache", "--durability", durability],
                                        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_mount(self.path, self.process)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class S3fsMount:
    """The same bucket through s3fs, by HMAC credentials."""

    def __init__(self, bucket, scratch):
        self.path = Path(scratch, "mnt")
        self.path.mkdir()
        password = Path(scratch, "password")
        password.write_text(f"{ACCESS}:{SECRET}\n")
        password.chmod(0o600)
        self.process = subprocess.Popen(
            ["s3fs", bucket.facts["bucket"], self.path, "-f", "-o", f"passwd_file={password}", "-o",
             f"url={bucket.facts['endpoint']}", "-o", "use_path_request_style", "-o", "sigv4", "-o", "parallel_count=64"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_mount(self.path, self.process)

    def end(self):
        subprocess.run(["umount", self.path], check=True)
        self.process.wait()
