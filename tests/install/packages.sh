#!/bin/sh
# What is in which package. All that is installed belongs to one of them, and to one alone; packages made of this build have the
# names, dependencies, owners and documents that Debian's policy wants. Not the debug information, nor what dpkg-shlibdeps finds out:
# chroot.sh looks at packages as ./gw packages makes them.
#
# usage: packages.sh <build folder> <version>
set -eu
build=$1 version=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"

# ---- Components ------------------------------------------------------------------------------------------

components='runtime development tools documentation llvm22 llvm19'
files_of() { (cd "$1" && find . ! -type d | sort); }
cmake --install "$build" --prefix "$folder/all/usr" >/dev/null
files_of "$folder/all" >"$folder/installed"
for component in $components; do
    cmake --install "$build" --prefix "$folder/$component/usr" --component "$component" >/dev/null
    files_of "$folder/$component"
done | sed "s,$folder/[a-z0-9]*/,$folder/all/,g" | sort >"$folder/packaged"
sort -u "$folder/packaged" | diff "$folder/installed" - >"$folder/differences" ||
    fail "what is installed ('<') is not what components have ('>'): $(cat "$folder/differences")"
uniq -d "$folder/packaged" >"$folder/twice"
[ ! -s "$folder/twice" ] || fail "in two packages: $(cat "$folder/twice")"

dangling=$(find -L "$folder/all" -type l)
[ -z "$dangling" ] || fail "links that lead nowhere: $dangling"

# ---- Packages --------------------------------------------------------------------------------------------

command -v dpkg-deb >/dev/null || { [ "$failures" -eq 0 ]; exit; }
set -- -D CPACK_STRIP_FILES=ON -D CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS=OFF
for component in RUNTIME TOOLS LLVM22 LLVM19; do
    set -- "$@" -D "CPACK_DEBIAN_${component}_DEBUGINFO_PACKAGE=OFF" -D "CPACK_DEBIAN_${component}_PACKAGE_SHLIBDEPS=OFF"
done
cpack --config "$build/CPackConfig.cmake" -B "$folder/made" "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
machine=$(dpkg --print-architecture)

# has <package> <file>...: by the ends of their paths
has() {
    package=$1
    shift
    dpkg-deb -c "$folder"/made/"${package}"_"$version"-1_*.deb >"$folder/list" || { fail "$package: not made"; return; }
    awk '$2 != "root/root" || $1 ~ /^-.*w.*w/ { print "its owner or mode is wrong: " $0 }' "$folder/list" | grep . && fail "$package"
    for file in "$@" "/doc/$package/copyright" "/doc/$package/changelog.gz" "/doc/$package/changelog.Debian.gz"; do
        grep -qE "/usr[^ ]*$file( ->|\$)" "$folder/list" || fail "$package: no $file"
    done
}
# says <package> <field> <text>
says() {
    found=$(dpkg-deb -f "$folder"/made/"$1"_"$version"-1_*.deb "$2")
    case $found in *"$3"*) ;; *) fail "$1: its $2 is '$found', not '$3'" ;; esac
}

has libgreywave0 'libgreywave.so.0' "libgreywave.so.$version" "gdb/auto-load/usr/lib.*/libgreywave.so.$version-gdb.py" greywave/greywave_heap.py
has libgreywave-dev include/greywave/greywave.h libgreywave.a 'libgreywave.so' pkgconfig/greywave.pc GreywaveConfig.cmake greywave/greywave-gdb.py greywave/greywave_lldb.py greywave.supp
has greywave-tools bin/gwcc 'bin/gwc\+\+' bin/gw-asmgcroot bin/gw-maps bin/gw-heap bin/gw-timeline lib/.*greywave/as man1/gwcc.1.gz \
    'man1/gwc\+\+.1.gz' man1/gw-asmgcroot.1.gz man1/gw-maps.1.gz man1/gw-heap.1.gz man1/gw-timeline.1.gz
has greywave-llvm22 libgreywave-llvm22.so
has greywave-llvm19 libgreywave-llvm19.so
has greywave-doc doc/greywave/README.md doc/greywave/docs/frontend-guide.md doc/greywave/examples/hello/hello.c doc/greywave/CHANGELOG.md
says libgreywave0 Architecture "$machine"
says libgreywave0 Multi-Arch same
says libgreywave-dev Depends "libgreywave0 (= $version-1)"
says greywave-tools Depends "libgreywave-dev (= $version-1)"
says greywave-tools Recommends 'greywave-llvm22 | greywave-llvm19'
says greywave-llvm22 Depends 'clang-22 (>= 1:22.1)'
says greywave-llvm19 Depends 'clang-19 (>= 1:19.1)'
says greywave-llvm22 Depends "libgreywave-dev (= $version-1)"
says greywave-doc Architecture all
for package in "$folder"/made/*.deb; do
    dpkg-deb -f "$package" Description | sed -n 1p | grep -q '^precise, moving garbage collector: .' || fail "$package: its synopsis"
    dpkg-deb -c "$package" | grep -v '/$' | awk '{ print $6 }'
done | sort >"$folder/in_packages"
uniq -d "$folder/in_packages" >"$folder/twice"
[ ! -s "$folder/twice" ] || fail "in two packages: $(cat "$folder/twice")"
[ "$failures" -eq 0 ]
