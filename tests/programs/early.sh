#!/bin/sh
# Code that runs before its image's constructors is known to the runtime: out of .preinit_array, by a constructor of the first priorities,
# by another image's constructor, which the loader calls.
#
# usage: early.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
failures=0 library=
# run <what> <gwcc's options>...
run() {
    what=$1
    shift
    "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 "$@" "$here/early.c" -o "$folder/early" ${library:+"$library"}
    for options in nursery=64k stress=alloc+move,poison=1,verify=1,verify-walk=1; do
        GREYWAVE=$options timeout 60 "$folder/early" >"$folder/out" 2>&1 && grep -q 'everything found' "$folder/out" && continue
        echo "$what with $options:"
        cat "$folder/out"
        failures=$((failures + 1))
    done
}

for roots in statepoint shadow asm; do
    for level in -O0 -O2; do
        for section in .preinit_array .init_array.00000 .init_array.00050 .ctors.65535; do
            run "$roots $level $section" --roots=$roots $level "-DFIRST=section(\"$section\")"
        done
        "$build/bin/gwcc" --llvm="$llvm" --roots=$roots -std=gnu17 $level -fPIC -shared -DLIBRARY "$here/early.c" -o "$folder/library.so"
        library=$folder/library.so
        run "$roots $level by a library" --roots=$roots $level -rdynamic
        library=
    done
    run "$roots, static" --roots=$roots -O2 -static '-DFIRST=section(".preinit_array")'
done
[ "$failures" -eq 0 ]
