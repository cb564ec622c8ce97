#!/bin/sh
# What docs/frontend-guide.md shows, taken from its text and made with an installed tree: blocks of code that have a file's name behind
# their language.
#
# usage: guide.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cmake --install "$build" --prefix "$folder/prefix" >"$folder/log" || { cat "$folder/log"; exit 1; }
PATH=$folder/prefix/bin:$PATH GWCC_LLVM=$llvm
PKG_CONFIG_PATH=$(echo "$folder"/prefix/lib*/pkgconfig)
export PATH GWCC_LLVM PKG_CONFIG_PATH
mkdir "$folder/shown" && cd "$folder/shown"
awk '/^```/ { name = NF > 1 ? $2 : ""; next } name { print > name }' "$folder/prefix/share/doc/greywave/docs/frontend-guide.md"

failures=0
# prints <expected> <command>...: under each kind of stress
prints() {
    expected=$1
    shift
    for stress in '' stress=64,poison=1,verify=1 stress=64+move,poison=1,verify=1,verify-walk=1; do
        found=$(GREYWAVE=$stress timeout 120 "$@" 2>"$folder/log") || found="status $?: $found"
        [ "$found" != "$expected" ] || continue
        echo "GREYWAVE=$stress $* prints '$found', not '$expected'"
        cat "$folder/log"
        failures=$((failures + 1))
    done
}

# IR as text, beside C: a first program, without a warning.
for options in -O0 -O2 '-O2 -flto' '-O2 -static'; do
    # shellcheck disable=SC2086 # several options
    gwcc $options -Werror list.ll main.c -o program
    prints 5050 ./program
done

# An exception that passes over a collection.
cp "$here/risky.cc" .
for options in -O0 -O2; do
    gwcc $options -Wno-override-module guarded.ll risky.cc -o program
    prints 7 ./program
done

# Two threads on one heap, beside one that waits for them.
gwcc -O2 -Wall -Wextra -Werror -pthread shared_heap.c -o program
prints 200 ./program

# Two threads with heaps of their own, each with a thousand collections under stress.
sed -i 's/1000000/100000/' threads.c
gwcc -O2 -Wall -Wextra -Werror -pthread threads.c -o program
prints '99999 99999' ./program

# The project of CMake's section, of C++ alone; and pkg-config's two commands.
cp "$here/risky.cc" app.cc
echo 'extern "C" struct number GW *guarded(struct number GW *n) { try { return risky(n); } catch (int) { return n; } }' >>app.cc
cmake -S . -B made -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_CXX_COMPILER="clang++-$llvm" >"$folder/log" &&
    cmake --build made >>"$folder/log" || { cat "$folder/log"; exit 1; }
prints 7 made/app
cp threads.c app.c
cp "$here/project/native.c" .
sed -n '/^    clang-22 -fpass-plugin/,/-o native$/p' "$folder/prefix/share/doc/greywave/docs/frontend-guide.md" |
    sed "s/clang-22/clang-$llvm/; s/plugin22/plugin$llvm/" >commands
[ "$(wc -l <commands)" -eq 3 ] || { echo "pkg-config's commands are not found"; exit 1; }
sh -e commands 2>"$folder/log" || { cat "$folder/log"; exit 1; }
LD_LIBRARY_PATH=$(pkg-config --variable=libdir greywave) prints '99999 99999' ./app
prints 7 ./native
[ "$failures" -eq 0 ]
