#!/bin/sh
# The live objects at every safepoint of live_objects.c, found by statepoint maps, asm maps of two compilers, and shadow
# stacks: the same everywhere, with and without stress.
#
# usage: root_finders.sh <build folder>
set -eu
build=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
failures=0

# compare <option of gwcc>...
compare() {
    for level in -O0 -O1 -O2 -O3 -Os; do
        "$build/bin/gwcc" -std=gnu17 "$level" "$@" "$here/live_objects.c" -o "$folder/program"
        for options in verify-walk=1 stress=alloc,poison=1,verify=1; do
            status=0
            GREYWAVE=$options timeout 120 "$folder/program" >"$folder/out" || status=$?
            [ -f "$folder/expected" ] || cp "$folder/out" "$folder/expected"
            if [ "$status" -ne 0 ] || ! cmp -s "$folder/expected" "$folder/out"; then
                echo "$* $level with GREYWAVE=$options: status $status; first finder left, this one right:"
                diff "$folder/expected" "$folder/out" || true
                failures=$((failures + 1))
            fi
        done
    done
}

compare --roots=statepoint
compare --roots=shadow
for gcc in gcc-11 gcc-12; do
    command -v $gcc >/dev/null || continue
    compare --roots=asm --gcc="$gcc"
    compare --roots=shadow --gcc="$gcc"
done

# A reference left out of one call must be noticed.
sed 's/recurse(other, depth - 1), mine, other)/recurse(other, depth - 1), mine)/' "$here/live_objects.c" >"$folder/planted.c"
for roots in asm shadow; do
    "$build/bin/gwcc" --roots="$roots" --gcc=gcc-12 -std=gnu17 -O2 "$folder/planted.c" -o "$folder/planted"
    if GREYWAVE=stress=alloc,poison=1,verify=1 timeout 120 "$folder/planted" >"$folder/out" 2>&1 && cmp -s "$folder/expected" "$folder/out"; then
        echo "--roots=$roots: a reference is missing from a call, and nothing shows it"
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ]
