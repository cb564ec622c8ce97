#!/bin/sh
# `gwcc --check`: a reference that is stored or copied to memory where the collector does not look ends the program, at every
# level. Without the option the same programs print something else than they should, or crash.
#
# usage: checked.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

failures=0
for level in -O0 -O1 -O2 -O3; do
    "$build/bin/gwcc" --llvm="$llvm" "$level" --check "$here/unscanned.c" -o "$folder/unscanned"
    while read -r place words; do
        status=0
        "$folder/unscanned" "$place" >"$folder/out" 2>"$folder/err" || status=$?
        if [ "$words" = fine ]; then
            [ "$status" -eq 0 ] && continue
        else
            [ "$status" -ne 0 ] && grep -q "check: a reference to 0x[0-9a-f]* is $words" "$folder/err" && continue
        fi
        echo "$level $place: status $status, wanted: $words"
        cat "$folder/err"
        failures=$((failures + 1))
    done <<END
known fine
malloc stored at 0x[0-9a-f]*, where the collector does not look
buffer stored at 0x[0-9a-f]*, where the collector does not look
copied copied to 0x[0-9a-f]*, where the collector does not look
object copied to 0x[0-9a-f]*, where the collector does not look
END
done
[ "$failures" -eq 0 ]
