#!/usr/bin/env python3
"""Checks the pods of deploy/ against what a cluster would punish later: the token's volume, the privileges, the trap of
the emptyDir, and that every option and environment name is one that the program knows.

    check_manifests.py PATH-OF-COSFUSE
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TOKEN_DIRECTORY = "/var/run/secrets/tokens"
# Read by the program in the container, or accepted because IBM's example sets it.
FOREIGN_NAMES = {"COS_OBJECT", "COSFUSE_TERMINATION_GRACE"}


def pods():
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(DEPLOY.glob("*.yaml"))}


class Manifests(unittest.TestCase):
    help = ""

    def each_container(self):
        found = pods()
        self.assertGreaterEqual(len(found), 2)
        for name, pod in found.items():
            self.assertEqual((pod["apiVersion"], pod["kind"]), ("v1", "Pod"), name)
            for container in pod["spec"]["containers"]:
                with self.subTest(name):
                    yield pod["spec"], container

    def test_the_token_is_projected_for_iam_and_renewed(self):
        for spec, container in self.each_container():
            mounts = [mount for mount in container["volumeMounts"] if mount["mountPath"] == TOKEN_DIRECTORY]
            self.assertEqual(len(mounts), 1)
            self.assertNotIn("subPath", mounts[0])
            volume = next(volume for volume in spec["volumes"] if volume["name"] == mounts[0]["name"])
            token = volume["projected"]["sources"][0]["serviceAccountToken"]
            self.assertEqual((token["path"], token["audience"]), ("service-account-token", "iam"))
            self.assertTrue(600 <= token["expirationSeconds"] <= 3600)

    def test_the_container_may_mount_and_has_limits(self):
        for _, container in self.each_container():
            self.assertTrue(container["securityContext"]["privileged"])
            self.assertIn("memory", container["resources"]["limits"])

    def test_the_bucket_is_not_mounted_in_a_volume(self):
        for _, container in self.each_container():
            mountpoint = Path(container["args"][container["args"].index("--mount") + 1])
            for mount in container["volumeMounts"]:
                self.assertFalse(mountpoint.is_relative_to(mount["mountPath"]), mount)
                self.assertNotIn("mountPropagation", mount)

    def test_the_grace_period_is_told_to_the_program(self):
        for spec, container in self.each_container():
            told = next(entry["value"] for entry in container["env"] if entry["name"] == "COSFUSE_TERMINATION_GRACE")
            self.assertEqual(int(told), spec["terminationGracePeriodSeconds"])

    def test_each_option_is_known(self):
        for _, container in self.each_container():
            own = container["args"][: container["args"].index("--")]
            self.assertEqual(own[0], "run")
            for option in (word.split("=")[0] for word in own if word.startswith("--")):
                self.assertRegex(self.help, rf"(?m)(^|[\s,]){re.escape(option)}\b")

    def test_each_environment_name_is_known(self):
        for _, container in self.each_container():
            for entry in container["env"]:
                if entry["name"] not in FOREIGN_NAMES:
                    self.assertIn(entry["name"], self.help)

    def test_images_carry_the_version_of_the_program(self):
        version = re.search(r"project\(cosfuse VERSION (\S+)", (DEPLOY.parent / "CMakeLists.txt").read_text("utf-8"))[1]
        for _, container in self.each_container():
            self.assertTrue(container["image"].endswith(f"cosfuse:{version}"), container["image"])


if __name__ == "__main__":
    Manifests.help = subprocess.run([sys.argv.pop(1), "run", "--help"], capture_output=True, text=True, check=True).stdout
    unittest.main()
