# shellcheck shell=bash
# dpkg-deb: builds a package out of a tree in the mount, and takes it apart there.
: "${work:?set by run.sh}"

use_program() {
  needs dpkg-deb
  make_package
  check "dpkg-deb builds a package" dpkg-deb --root-owner-group -b package hello_1.0_all.deb
  check "dpkg-deb reads its fields" test "$(dpkg-deb -f hello_1.0_all.deb Version)" = 1.0
  check "dpkg-deb extracts the tree" dpkg-deb -x hello_1.0_all.deb out
  check "dpkg-deb extracts the control files" dpkg-deb -e hello_1.0_all.deb out/DEBIAN
  check "what comes out is what went in" diff -r --no-dereference package out
  check "it is the package that a local directory gives" same_package
  check "so it is in the bucket" fresh package_is_whole
  check "it runs" "$work/mnt/out/usr/bin/hello"
}

make_package() {
  both 'mkdir -p package/DEBIAN package/usr/bin package/usr/share/doc/hello
    printf "%s\n" "Package: hello" "Version: 1.0" "Architecture: all" "Maintainer: Nobody <nobody@example.com>" \
      "Description: says hello" >package/DEBIAN/control
    printf "%s\n" "#!/bin/sh" "echo hello" >package/usr/bin/hello
    chmod 755 package/usr/bin/hello
    ln -s hello package/usr/bin/hallo
    seq 1 60000 >package/usr/share/doc/hello/numbers
    find package -exec touch -h -d "2020-02-02 02:02:02" {} +'
}

same_package() {
  (cd "$work/local" && SOURCE_DATE_EPOCH=1600000000 dpkg-deb --root-owner-group -b package reference.deb) &&
    SOURCE_DATE_EPOCH=1600000000 dpkg-deb --root-owner-group -b package reference.deb && same reference.deb
}

package_is_whole() {
  same package reference.deb && dpkg-deb -x hello_1.0_all.deb "$work/out" && dpkg-deb -e hello_1.0_all.deb "$work/out/DEBIAN" &&
    diff -r --no-dereference "$work/local/package" "$work/out" && test -x out/usr/bin/hello
}
