#!/bin/sh
# The project beside this script, built against an installed tree that was moved after it was installed: with
# find_package, with pkg-config, and with the installed gwcc.
#
# usage: installed.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
clang=/usr/lib/llvm-$llvm/bin/clang

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

cmake --install "$build" --prefix "$folder/first" >"$folder/log" || { cat "$folder/log"; exit 1; }
mv "$folder/first" "$folder/prefix"
! grep -rlF -e "$folder/first" -e "$build" "$folder/prefix/lib"/*/*/*.cmake "$folder/prefix/lib"/*/*.pc ||
    { echo "the files above name a folder of the build"; exit 1; }

failures=0
# prints <what> <expected> <command>...
prints() {
    what=$1 expected=$2
    shift 2
    found=$(GREYWAVE=stress=alloc,poison=1,verify=1,verify-walk=1 "$@") || found="status $?: $found"
    [ "$found" = "$expected" ] && return
    echo "$what prints '$found', not '$expected'"
    failures=$((failures + 1))
}

cmake -S "$here/project" -B "$folder/cmake" -DCMAKE_C_COMPILER="$clang" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$folder/prefix" >"$folder/log" && cmake --build "$folder/cmake" >>"$folder/log" ||
    { cat "$folder/log"; exit 1; }
prints "find_package, collected" "499500 9 moved" "$folder/cmake/collected"
prints "find_package, native" 7 "$folder/cmake/native"

# GCC has no plug-in; the package says what to do.
if cmake -S "$here/project" -B "$folder/gcc" -DCMAKE_C_COMPILER=gcc -DCMAKE_PREFIX_PATH="$folder/prefix" \
    >"$folder/log" 2>&1 || ! grep -q "configure with -DCMAKE_C_COMPILER" "$folder/log"; then
    echo "GCC is not refused with words:"
    cat "$folder/log"
    failures=$((failures + 1))
fi

PKG_CONFIG_PATH=$(echo "$folder"/prefix/lib*/pkgconfig)
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # lists of options
"$clang" -O2 -fpass-plugin="$(pkg-config --variable=plugin"$llvm" greywave)" -D__GREYWAVE__=1 \
    $(pkg-config --cflags greywave) "$here/project/main.c" "$here/project/shapes.c" $(pkg-config --libs greywave) \
    -Wl,-rpath,"$(pkg-config --variable=libdir greywave)" -o "$folder/by_pkg_config"
prints "pkg-config" "499500 9 moved" "$folder/by_pkg_config"
# shellcheck disable=SC2046
gcc -O2 $(pkg-config --cflags greywave) "$here/project/native.c" $(pkg-config --libs greywave) \
    -Wl,-rpath,"$(pkg-config --variable=libdir greywave)" -o "$folder/native_by_pkg_config"
prints "pkg-config, GCC" 7 "$folder/native_by_pkg_config"

"$(pkg-config --variable=gwcc greywave)" --llvm="$llvm" -O2 "$here/project/main.c" "$here/project/shapes.c" \
    -o "$folder/by_gwcc"
prints "gwcc" "499500 9 moved" "$folder/by_gwcc"
[ "$failures" -eq 0 ]
