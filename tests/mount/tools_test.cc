#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// Makes a tree of 500 files with odd names, empty files and sizes up to 50 MB below the working directory.
constexpr char kMakeTree[] = R"(
mkdir -p src/plain src/deep/er/est 'src/with space' src/empty-dir
for i in $(seq 1 200); do echo "file $i" > src/plain/f$i.txt; done
for i in $(seq 1 150); do head -c $((i * 700)) /dev/urandom > src/deep/er/b$i.bin; done
for i in $(seq 1 100); do : > "src/with space/empty $i"; done
for name in 'a b' 'c+d' 'e%20f' "g'h" 'i"j' 'k&l' 'm<n>' 'o#p' 'q?r' 's*t' 'u|v' 'w\x' 'ünï' '-dash' '~t' '=eq' 'co,mma' 'se;mi' '$dollar' '`tick`' '[brackets]' '{braces}' '(parens)' '!bang' '@at' '^caret' $'new\nline' $'tab\there' $'not\xff\xfeUTF-8' $'control\x01\x7f' '%2F' '...' $(printf 'n%.0s' $(seq 255)); do
  echo "$name" > "src/deep/$name"
done
for i in $(seq 1 20); do head -c $((i * 200000 + i)) /dev/urandom > src/deep/er/est/m$i; done
head -c 20971520 /dev/urandom > src/exactly-20M
head -c 20971521 /dev/urandom > src/one-more
head -c 50000000 /dev/urandom > src/fifty
chmod 600 src/plain/f1.txt; chmod 755 src/plain/f2.txt
ln -s plain/f3.txt src/link
)";

/// What ordinary tools do to the tree, in a directory that is either the mount or local.
constexpr char kUseTools[] = R"(
cp -r "$SRC" copy
cp -a "$SRC" archive
mv copy/plain/f10.txt copy/plain/moved.txt
mv copy/deep copy/depths
sed -i 's/file/FILE/' copy/plain/f1*.txt
cat copy/plain/f1*.txt copy/depths/er/b*.bin > joined
for i in 1 2 3; do echo "appended $i" >> copy/plain/f5.txt; done
tar cf tree.tar -C archive .
mkdir untarred; tar xf tree.tar -C untarred
rm tree.tar
rm copy/plain/f2*.txt
rm -r archive/with\ space
truncate -s 100 copy/fifty; truncate -s 200000 copy/fifty
dd if=/dev/zero of=copy/one-more bs=1000 seek=5000 count=3 conv=notrunc status=none
printf 'in the middle' | dd of=copy/exactly-20M bs=1 seek=10000000 conv=notrunc status=none
cp copy/plain/f7.txt copy/plain/f8.txt
touch -d '2020-02-02 02:02:02 UTC' copy/plain/f9.txt
find . -type f | sort > /dev/null
grep -r FILE copy/plain | sort > grepped
)";

/// What can be seen of each file: type, mode, link target, size, content, and the times that were set.
constexpr char kDescribe[] = R"(
export LC_ALL=C
find . -printf '%P %y %m %l\n' | sort
find . -type f -printf '%P %s\n' | sort
find . -type f -print0 | sort -z | xargs -0 sha256sum
find archive untarred copy/plain/f9.txt -type f -printf '%P %Ts\n' | sort
ls -lnR --time-style=+ | grep '^[-l]'
)";

TEST_F(MountTest, OrdinaryToolsGiveTheSameAsALocalDirectory) {
  const TemporaryDirectory local;
  const auto timeout = std::chrono::seconds(240);
  ASSERT_EQ(RunShell(std::string("umask 022") + kMakeTree, local.path()).status.code, 0);
  const std::string tools = "umask 022; SRC='" + local.path() + "/src'" + kUseTools;
  const std::string reference = local.MakeDirectory("reference");
  const CommandResult expected = RunShell(tools, reference, timeout);
  ASSERT_EQ(expected.status.code, 0) << expected.errors;
  const CommandResult done = RunShell(tools, mount_.mountpoint(), timeout);
  ASSERT_EQ(done.status.code, 0) << done.errors << mount_.Log();
  const std::string before = RunShell(kDescribe, reference, timeout).output;
  EXPECT_GT(before.size(), 10'000U);
  EXPECT_EQ(RunShell(kDescribe, mount_.mountpoint(), timeout).output, before);
  const MountProcess other(emulator_);
  EXPECT_EQ(RunShell(kDescribe, other.mountpoint(), timeout).output, before) << "seen through another mount";
}

}  // namespace
}  // namespace cosfuse::testing
