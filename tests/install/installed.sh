#!/bin/sh
# The project beside this script, built against an installed tree that was moved after it was installed, to a folder with a space in its
# name: with find_package, with pkg-config, and with the installed gwcc. And what else is installed: documents, examples, the licence.
#
# usage: installed.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
clang=/usr/lib/llvm-$llvm/bin/clang

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

cmake --install "$build" --prefix "$folder/first" >"$folder/log" || { cat "$folder/log"; exit 1; }
prefix="$folder/a prefix"
mv "$folder/first" "$prefix"
! grep -rlF -e "$folder/first" -e "$build" "$prefix/lib"/*/*/*.cmake "$prefix/lib"/*/*.pc "$prefix/share" ||
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
    -DCMAKE_PREFIX_PATH="$prefix" >"$folder/log" && cmake --build "$folder/cmake" >>"$folder/log" ||
    { cat "$folder/log"; exit 1; }
prints "find_package, collected" "499500 9 moved" "$folder/cmake/collected"
prints "find_package, native" 7 "$folder/cmake/native"

# compile <program> <words>...: what pkg-config prints among them is for the shell to read once more, since the folder has a space
PKG_CONFIG_PATH=$(echo "$prefix"/lib*/pkgconfig)
export PKG_CONFIG_PATH
options=$(pkg-config --cflags --libs greywave) libraries=$(pkg-config --variable=libdir greywave)
managed="$clang -O2 -fpass-plugin=$(pkg-config --variable=plugin"$llvm" greywave) -D__GREYWAVE__=1 $here/project/main.c $here/project/shapes.c"
compile() {
    program=$1
    shift
    eval "$* -o '$folder/$program'" 2>"$folder/log" || { cat "$folder/log"; exit 1; }
}

compile managed "$managed $options -Wl,-rpath,$libraries"
prints "pkg-config" "499500 9 moved" "$folder/managed"
compile native "gcc -O2 $here/project/native.c $options -Wl,-rpath,$libraries"
prints "pkg-config, GCC" 7 "$folder/native"

# All that a static program needs, from each compiler's own linker.
options=$(pkg-config --static --cflags --libs greywave)
compile managed "$managed -static $options"
prints "pkg-config --static" "499500 9 moved" "$folder/managed"
for compiler in "gcc -static" "gcc -static-pie" "$clang -static" "$clang -static -fuse-ld=lld"; do
    compile native "$compiler -O2 $here/project/native.c $options"
    prints "pkg-config --static, $compiler" 7 "$folder/native"
    ! readelf -d "$folder/native" | grep -q NEEDED || { echo "$compiler: not static"; failures=$((failures + 1)); }
done

# The installed gwcc, on an installed example too.
gwcc="$prefix/bin/gwcc" documents=$prefix/share/doc/greywave
"$gwcc" --llvm="$llvm" -O2 "$here/project/main.c" "$here/project/shapes.c" -o "$folder/by_gwcc"
prints "gwcc" "499500 9 moved" "$folder/by_gwcc"
"$gwcc" --llvm="$llvm" -O2 -flto "$here/project/main.c" "$here/project/shapes.c" -o "$folder/by_gwcc"
prints "gwcc -flto" "499500 9 moved" "$folder/by_gwcc"
"$gwcc" --llvm="$llvm" -O2 "$documents/examples/generators/same_fringe.c" -o "$folder/by_gwcc"
"$folder/by_gwcc" >"$folder/log" || { echo "an installed example fails"; failures=$((failures + 1)); }
"$gwcc" --roots=asm -O2 "$documents/examples/demo/binary_trees.c" -o "$folder/by_gcc"
"$folder/by_gcc" 6 >"$folder/log" || { echo "an installed example, by GCC, fails"; failures=$((failures + 1)); }

# Documents lead to what is installed: examples, headers, each other.
cmp "$here/../../LICENSE" "$documents/LICENSE" || failures=$((failures + 1))
for document in "$documents"/README.md "$documents"/docs/*.md "$documents"/docs/decisions/*.md "$documents"/examples/*.md; do
    sed '/^```/,/^```/d' "$document" | grep -oE '\]\([^)#]+' | sed 's/^](//' | grep -v '^http' | while read -r target; do
        [ -e "${document%/*}/$target" ] || echo "${document#"$documents"/}: $target"
    done
done >"$folder/lost"
[ ! -s "$folder/lost" ] || { echo "installed documents that lead nowhere:"; cat "$folder/lost"; failures=$((failures + 1)); }
[ "$failures" -eq 0 ]
