#!/bin/sh
# A program by GCC, with asm roots and with the shadow stack, at each level and under stress: it prints one line.
#
# usage: gcc_program.sh <build folder> <gcc> <program> <line>
set -eu
build=$1 gcc=$2 program=$3 line=$4
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

failures=0
for roots in asm shadow; do
    for level in -O0 -O1 -O2 -O3 -Os; do
        "$build/bin/gwcc" --roots="$roots" --gcc="$gcc" "$level" -std=gnu17 -Wall -Wextra -Werror "$here/$program.c" -o "$folder/program"
        for options in verify=1 stress=alloc,poison=1,verify=1,verify-walk=1 stress=alloc+step,poison=1,verify=1 stress=alloc+move,poison=1,verify=1; do
            GREYWAVE=$options timeout 120 "$folder/program" >"$folder/out" 2>&1 && grep -qx "$line" "$folder/out" && continue
            echo "$roots $level, GREYWAVE=$options:"
            cat "$folder/out"
            failures=$((failures + 1))
        done
    done
done
[ "$failures" -eq 0 ]
