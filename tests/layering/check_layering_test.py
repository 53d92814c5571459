#!/usr/bin/env python3
"""Plants each kind of violation in a tree of its own and sees the check fail; and sees it pass what is allowed."""

import tempfile
import unittest
from pathlib import Path

import check_layering


def problems_with(path, text):
    """What the check says about a small sound tree to which one file was added."""
    with tempfile.TemporaryDirectory(prefix="layering-") as folder:
        root = Path(folder)
        for name, body in (("base/sound.cc", '#include "base/sound.h"\n'), (path, text)):
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8")
        return check_layering.check_tree(root)


class CheckLayering(unittest.TestCase):
    def refused(self, path, text, because):
        problems = problems_with(path, text)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(because, problems[0])
        self.assertTrue(problems[0].startswith(path + ":"), problems[0])

    def allowed(self, path, text):
        self.assertEqual(problems_with(path, text), [])

    def test_third_party_headers_stay_in_their_room(self):
        for header, outside in (
            ("curl/curl.h", "cos/client.cc"),
            ("spdlog/spdlog.h", "http/curl_transport.cc"),
            ("nlohmann/json.hpp", "cos/client.cc"),
            ("pugixml.hpp", "fs/listing.cc"),
            ("openssl/evp.h", "auth/exchange.cc"),
            ("CLI/CLI.hpp", "fs/options.cc"),
            ("microhttpd.h", "http/server.cc"),
            ("fuse_lowlevel.h", "fs/op_read.cc"),
            ("fuse3/fuse_lowlevel.h", "app/main.cc"),
            ("linux/fuse.h", "fs/op_read.cc"),
        ):
            with self.subTest(header):
                self.refused(outside, f"#include <{header}>\n", "third-party header")

    def test_third_party_headers_are_allowed_at_home(self):
        self.allowed("http/curl_transport.cc", "#include <curl/curl.h>\n")
        self.allowed("fs/fuse/session.cc", "#include <fuse_lowlevel.h>\n#include <linux/fuse.h>\n")

    def test_the_command_line_library_stays_out_of_headers(self):
        self.refused("app/options.h", "#include <CLI/CLI.hpp>\n", "in a header")

    def test_a_room_sees_only_its_neighbours(self):
        for path, include in (
            ("base/log.cc", "http/transport.h"),
            ("fs/op_read.cc", "fs/fuse/session.h"),
            ("fs/fuse/session.cc", "cos/object_store.h"),
            ("fs/fuse/session.cc", "fs/node_table.h"),
            ("http/retry.cc", "cos/object_store.h"),
            ("auth/exchange.cc", "cos/object_store.h"),
            ("cos/client.cc", "fs/file_system.h"),
            ("cache/file.cc", "http/retry.h"),
            ("fs/op_read.cc", "http/transport.h"),
            ("fs/op_read.cc", "auth/token_source.h"),
            ("emulator/main.cc", "http/transport.h"),
            ("app/main.cc", "emulator/server.h"),
        ):
            with self.subTest(path):
                self.refused(path, f'#include "{include}"\n', "may not include")

    def test_of_a_neighbour_only_the_interface_is_open(self):
        self.refused("cache/file.cc", '#include "cos/xml_listing.h"\n', "may not include")
        self.refused("cos/client.cc", '#include "auth/exchange.h"\n', "may not include")
        self.allowed("cache/file.cc", '#include "cos/object_store.h"\n')

    def test_fakes_are_for_tests(self):
        self.allowed("fs/op_read_test.cc", '#include "cos/fake_object_store.h"\n')
        self.allowed("fs/file_system_fixture.h", '#include "cos/fake_object_store.h"\n')
        self.refused("fs/op_read.cc", '#include "cos/fake_object_store.h"\n', "may not include")

    def test_the_test_library_is_for_tests(self):
        self.refused("fs/op_read.cc", "#include <gtest/gtest.h>\n", "outside tests")
        self.allowed("fs/op_read_test.cc", "#include <gtest/gtest.h>\n")

    def test_threads_and_clocks_come_from_base(self):
        for line in (
            "std::mutex m;",
            "std::jthread t;",
            "std::condition_variable c;",
            "std::this_thread::yield();",
            "std::lock_guard lock(m);",
            "  sleep(1);",
            "::usleep(5);",
            "auto now = std::chrono::steady_clock::now();",
            "auto now = system_clock::now();",
            "long now = time(nullptr);",
            "clock_gettime(CLOCK_MONOTONIC, &ts);",
            "#include <mutex>",
            "#include <thread>",
        ):
            with self.subTest(line):
                self.refused("cache/file.cc", line + "\n", "outside base")
                self.allowed("base/clock.cc", line + "\n")

    def test_names_that_only_look_like_threads_are_allowed(self):
        self.allowed("cache/file.cc", "clock.Sleep(context, delay); clock_.Now(); file.time(now); backoff->sleep(3);\n")

    def test_an_errno_is_chosen_in_one_file(self):
        self.refused("cache/file.cc", "return -EIO;\n", "EIO outside")
        self.refused("fs/op_read.cc", "  if (code == ESTALE) return;\n", "ESTALE outside")
        self.allowed("fs/errno.cc", "case ErrorCode::kStale: return ESTALE;\n")
        self.allowed("cache/file.cc", "EXPECT_EQ(ETAG, EVENT_COUNT);\n")

    def test_comments_and_strings_are_no_code(self):
        self.allowed("fs/op_read.cc", "// answers ESTALE\n/* std::mutex\n EIO */\n")
        self.allowed("fs/op_read.cc", 'Log("EIO: sleep(1)");\nauto text = R"(std::mutex\nEIO)";\n')
        self.allowed("fs/op_read.cc", "const int big = 1'000'000; // EIO\n")

    def test_code_after_a_comment_or_a_string_is_code(self):
        self.refused("fs/op_read.cc", 'Log("a // b"); return EIO;\n', "EIO")
        self.refused("fs/op_read.cc", "/* one */ return EIO;\n", "EIO")

    def test_the_line_of_a_violation_is_named(self):
        problems = problems_with("fs/op_read.cc", "/* one\n two */\n\nreturn EIO;\n")
        self.assertEqual(problems[0].split(":")[:2], ["fs/op_read.cc", "4"])

    def test_a_file_is_not_longer_than_six_hundred_lines(self):
        self.allowed("fs/op_read_test.cc", "\n" * 600)
        self.refused("fs/op_read_test.cc", "\n" * 601, "601 lines")

    def test_the_median_source_is_short(self):
        with tempfile.TemporaryDirectory(prefix="layering-") as folder:
            root = Path(folder)
            (root / "fs").mkdir()
            for name, lines in (("a.cc", 10), ("b.cc", 200), ("c.cc", 300)):
                (root / "fs" / name).write_text("\n" * lines, encoding="utf-8")
            self.assertEqual(len(check_layering.check_tree(root)), 1)

    def test_the_guide_names_files_that_are_there(self):
        self.allowed("docs/ARCHITECTURE.md", "`base/sound.cc` decides; so does `transport.h`, beside `fs/`\n")
        self.refused("docs/ARCHITECTURE.md", "\n| what | `base/gone.cc` |\n", "there is no base/gone.cc")

    def test_an_empty_tree_is_a_failure(self):
        with tempfile.TemporaryDirectory(prefix="layering-") as folder:
            self.assertEqual(len(check_layering.check_tree(Path(folder))), 1)


if __name__ == "__main__":
    unittest.main()
