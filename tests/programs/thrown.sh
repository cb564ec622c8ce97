#!/bin/sh
# thrown.cc by each version of g++ that is there, at every level.
#
# usage: thrown.sh <build folder>
set -eu
build=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

for compiler in g++-11 g++-12; do
    command -v $compiler >/dev/null || continue
    for level in -O0 -O1 -O2 -O3 -Os '-O2 -fPIC'; do
        # shellcheck disable=SC2086 # one option or two
        "$build/bin/gwcc" --roots=asm --gcc="$compiler" $level "$here/thrown.cc" -o "$folder/thrown"
        GREYWAVE=stress=alloc,poison=1,verify=1,verify-walk=1 "$folder/thrown" ||
            { echo "$compiler $level: wrong"; exit 1; }
    done
done
