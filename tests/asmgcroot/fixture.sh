#!/bin/sh
# Runs gw-asmgcroot on each fixture and compares with what its own comments expect:
#
#   # MAP: <call> <roots>      the n-th call of the file lists these locations, or `-`; in the words of --explain
#   # REFUSE: <text>           the tool refuses the file, and a complaint contains this
#   # LINES: <number>        so many complaints, and no more
#   # FUNCTION: <name>         whose calls MAP lines speak of
#
# usage: fixture.sh <build folder> <fixture>
set -eu
tool=$1/bin/gw-asmgcroot fixture=$2

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

if grep -q '^# REFUSE:' "$fixture"; then
    status=0
    "$tool" "$fixture" -o "$folder/maps.s" 2>"$folder/err" || status=$?
    [ "$status" -eq 1 ] || { echo "status $status, 1 expected"; cat "$folder/err"; exit 1; }
    [ ! -e "$folder/maps.s" ] || { echo "maps were written all the same"; exit 1; }
    lines=$(sed -n 's/^# LINES: //p' "$fixture")
    [ -z "$lines" ] || [ "$(wc -l <"$folder/err")" -eq "$lines" ] || { echo "not $lines complaints:"; cat "$folder/err"; exit 1; }
    sed -n 's/^# REFUSE: //p' "$fixture" | while IFS= read -r text; do
        grep -qF -- "$text" "$folder/err" || { echo "no complaint contains: $text"; cat "$folder/err"; exit 1; }
    done
    exit
fi

"$tool" "$fixture" -o "$folder/maps.s"
as "$folder/maps.s" "$fixture" -o "$folder/with.o"
as "$fixture" -o "$folder/without.o"
for object in with without; do objcopy -O binary -j .text "$folder/$object.o" "$folder/$object.text"; done
cmp "$folder/with.text" "$folder/without.text" || { echo "the maps change the code"; exit 1; }

sed -n 's/^# FUNCTION: //p' "$fixture" | while read -r function; do
    "$tool" "$fixture" --explain "$function"
done | awk '
    /^          \| reference in / { sub(/^ *\| reference in /, ""); sub(/ \(marked.*/, ""); roots = roots (roots ? ", " : "") $0 }
    /^  *[0-9]+  (notrack )?(call|CALL)/ { print ++n, (roots ? roots : "-"); roots = "" }' >"$folder/found"
sed -n 's/^# MAP: //p' "$fixture" >"$folder/expected"
diff "$folder/expected" "$folder/found" || { echo "expected left, found right"; exit 1; }
