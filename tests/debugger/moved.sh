#!/bin/sh
# gdb shows a reference where its object is, or says that it is optimized out, at each level: never where the object was. So that this is not for
# want of looking, some references are shown at each.
#
# usage: moved.sh <build folder> <LLVM version>
set -eu
build=$1 version=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
for level in 0 1 2 3; do
    "$build/bin/gwcc" --llvm="$version" -O$level -g "$here/moved.c" -o moved
    gdb -nx -batch -x "$here/moved.py" moved >said 2>&1 </dev/null
    grep '^wrong' said && { echo "-O$level: gdb shows what was vacated"; exit 1; }
    sed -n 's/^seen \([0-9]*\) shown \([0-9]*\) wrong \([0-9]*\)$/\1 \2 \3/p' said |
        awk '{ seen = $1; shown = $2; wrong = $3 } END { exit !(seen >= 50 && shown >= 8 && wrong == 0) }' || { tail -5 said; echo "-O$level"; exit 1; }
done
