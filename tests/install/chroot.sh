#!/bin/sh
# The packages that ./gw packages makes, in a system in which nothing else was installed: a Debian made by debootstrap from where this
# machine's packages come from. They install with what they depend on and nothing that they recommend; examples are built there against them,
# by gwcc, CMake, pkg-config, GCC, LLVM's own tools and its C API; gdb finds the script; and nothing is left when they are purged. lintian
# finds no error. What is built twice is the same.
#
# usage: chroot.sh <source folder> <build folder> [<suite>]
#   SYSTEM=<folder> in the environment: a system that was made so before, which is used again, and stays
set -eu
source=$1 build=$2 suite=${3:-bookworm}
[ "$(id -u)" = 0 ] || { echo 'chroot needs root'; exit 77; }
for program in debootstrap lintian doxygen dpkg-shlibdeps file; do
    command -v $program >/dev/null || { echo "no $program; ./gw test --long installs it"; exit 77; }
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
system=${SYSTEM:-$folder/system}
leave() {
    umount "$system/proc" 2>/dev/null || :
    rm -rf --one-file-system "$folder"
}
trap leave EXIT
trap 'exit 130' INT TERM
failures=0

fail() {
    echo "$@"
    failures=$((failures + 1))
}

GW_BUILD_DIR=$build "$source/gw" packages >"$folder/names" || exit 1
packages=$build/packages
# shellcheck disable=SC2046 # names without spaces
lintian --fail-on error $(grep -v dbgsym "$folder/names") >"$folder/log" 2>&1 || fail "lintian: $(cat "$folder/log")"

# ---- The same again --------------------------------------------------------------------------------------

cp -r "$packages" "$folder/first"
rm -f "$build/release/lib/libgreywave.so.0."* "$build/release/bin/gw-heap"
GW_BUILD_DIR=$build "$source/gw" packages >/dev/null
for package in "$folder"/first/*.deb; do
    cmp "$package" "$packages/${package##*/}" || fail "not the same when it is made again: ${package##*/}"
done

# ---- A bare system ---------------------------------------------------------------------------------------

in_system() { chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
apt() { in_system apt-get -q -y --no-install-recommends "$@" >"$folder/log" 2>&1 || { fail "apt-get $*: $(tail -n 30 "$folder/log")"; exit 1; }; }

# shellcheck disable=SC2016 # apt-get's own variables
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u | grep " $suite\b")
if [ ! -d "$system/etc" ]; then
    mirror=$(echo "$sources" | grep " $suite main" | cut -d ' ' -f 2 | sed 1q)
    debootstrap --variant=minbase "$suite" "$system" "$mirror" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    echo "$sources" >"$system/etc/apt/sources.list"
    cp /etc/resolv.conf "$system/etc/"
fi
mountpoint -q "$system/proc" || mount -t proc proc "$system/proc"
rm -rf "$system/packages"
mkdir "$system/packages"
cp "$packages"/*.deb "$system/packages"
rm "$system"/packages/greywave-*-dbgsym_*.deb # large; the library's is for gdb
apt update
in_system sh -c 'apt-get -s install --no-install-recommends /packages/libgreywave0_*.deb' | grep '^Inst' | grep -qv ' libgreywave0 ' && fail 'the library wants more than a bare system has'
# shellcheck disable=SC2046
apt install $(cd "$system" && find packages -name '*.deb' | sed 's,^,/,')
in_system ldconfig -p | grep -q 'libgreywave.so.0 ' || fail 'the loader does not know the library'

cat >"$system/try.sh" <<'END'
set -e
examples=/usr/share/doc/greywave/examples
rm -rf /root/try && mkdir /root/try && cd /root/try
says() { # <what> <text> <command>...
    what=$1 text=$2
    shift 2
    "$@" >said 2>&1 && { [ -z "$text" ] || grep -q "$text" said; } || { echo "$what: $*: $(tail -n 5 said)"; exit 1; }
}
for llvm in 22 19; do
    says 'the least' '' gwcc --llvm=$llvm -O2 $examples/hello/hello.c -o hello
    says 'the least' 'hello from node' ./hello
    for program in binary_trees word_table lisp event_simulation; do
        says "LLVM $llvm" '' gwcc --llvm=$llvm -O2 $examples/demo/$program.c -o program
        says "LLVM $llvm" . ./program
    done
done
says 'the least, static' '' gwcc -static $examples/hello/hello.c -o hello_static
says 'the least, static' 'hello from node' ./hello_static
says finalizers '' gwcc -O2 $examples/finalization/policies.c -o policies
says finalizers 'scheme: got back 1' ./policies
says 'C++' '' gwc++ -O2 $examples/finalization/foreign.cc -o foreign
says 'C++' 'external memory' ./foreign
says stacks '' gwcc -O2 $examples/generators/same_fringe.c -o fringe
says stacks 'the same' ./fringe
says 'a pool of threads' '' gwcc -O2 -pthread $examples/thread-pool/pool.c -o pool
says 'a pool of threads' '125500 nodes' ./pool
says 'the game' '' gwcc -O2 $examples/game-loop/main.c $examples/game-loop/world.c $examples/game-loop/frame_times.c -lm -o game
says 'the game' usage ./game --help
says gw-maps hello gw-maps hello
GREYWAVE=trace=t.pftrace,snapshot=t.heapsnapshot ./program >/dev/null
says gw-timeline 'minor collection' gw-timeline --html t.html t.pftrace
says gw-heap . gw-heap t.heapsnapshot
[ "$1" = bare ] && exit
says 'by GCC' '' gwcc --roots=asm --gcc=gcc-12 -O2 $examples/demo/binary_trees.c -o by_gcc
says 'by GCC' 'check: 511' ./by_gcc 8
mkdir project
cat >project/CMakeLists.txt <<'LISTS'
cmake_minimum_required(VERSION 3.25)
project(app LANGUAGES C)
find_package(Greywave REQUIRED)
message(STATUS "plug-ins: ${Greywave_LLVM_VERSIONS}; driver: ${Greywave_GWCC}")
add_executable(app hello.c)
greywave_collected(app)
LISTS
cp $examples/hello/hello.c project
says CMake 'plug-ins: 22;19; driver: /usr/bin/gwcc' cmake -S project -B made -DCMAKE_C_COMPILER=clang-22 -DCMAKE_BUILD_TYPE=Release
says CMake '' cmake --build made
says CMake 'hello from node' made/app
says pkg-config '' clang-22 -O2 -fpass-plugin=$(pkg-config --variable=plugin22 greywave) -D__GREYWAVE__=1 $(pkg-config --cflags greywave) \
    $examples/hello/hello.c $(pkg-config --libs greywave) -o by_pkg_config
says pkg-config 'hello from node' ./by_pkg_config
says 'link-time optimisation' '' gwcc -O2 -flto $examples/hello/hello.c -o by_lto
says 'link-time optimisation' 'hello from node' ./by_lto
says 'IR by hand' '' sh $examples/frontend-ir/build.sh /usr 22 .
says 'IR by hand' 'tree 63, kept 127' ./trees-default
says 'the C API' '' cmake -S $examples/frontend-capi -B capi -DLLVM=22
says 'the C API' '' cmake --build capi
says 'the C API' total capi/frontend-capi run 20
says gdb 'objects  *bytes  *type' gdb -q -batch -ex 'set breakpoint pending on' -ex 'break gw_minor_collect' -ex run -ex 'gw heap' ./program
END
in_system sh /try.sh bare || fail 'in the bare system'
apt install cmake make gcc-12 g++ pkg-config lld-22 llvm-22-dev gdb
in_system sh /try.sh all || fail 'with what examples need besides'

# ---- Away ------------------------------------------------------------------------------------------------

# shellcheck disable=SC2046 # names without spaces
apt purge $(cd "$system/packages" && for package in *.deb; do echo "${package%%_*}"; done)
left=$(find "$system/usr" "$system/etc" "$system/var/lib/dpkg/info" -iname '*greywave*')
[ -z "$left" ] || fail "left behind: $left"
[ "$failures" -eq 0 ]
