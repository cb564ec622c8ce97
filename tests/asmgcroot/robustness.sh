#!/bin/sh
# GCC's output for 50,000 lines of generated C, at several levels: read with the frames of all functions checked, without a
# complaint about a frame. Then one file under Valgrind, with no more instructions a line than a million lines a second allow.
#
# usage: robustness.sh <build folder> <random programs folder>
set -eu
build=$1 programs=$2

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

lines=0 seed=1
while [ "$lines" -lt 50000 ]; do
    "$build/bin/random_program" --seed "$seed" --form macro --statements 60 >"$folder/$seed.c"
    lines=$((lines + $(wc -l <"$folder/$seed.c")))
    seed=$((seed + 1))
done
count=$((seed - 1)) seed=1
while [ "$seed" -le "$count" ]; do
    case $((seed % 4)) in 0) level=-O0 ;; 1) level='-O1 -g' ;; 2) level=-O2 ;; 3) level='-Os -fPIC' ;; esac
    # Without the driver's macro for asm: no markers, as any C.
    # shellcheck disable=SC2086
    gcc -std=gnu17 -w $level -dA -S -I"$programs" -I"$build/include" "$folder/$seed.c" -o "$folder/$seed.s" &
    [ $((seed % 2)) -eq 0 ] && wait
    seed=$((seed + 1))
done
wait
assembler=$(cat "$folder"/*.s | wc -l)
"$build/bin/gw-asmgcroot" --all "$folder"/*.s
echo "$lines lines of C, $assembler of assembler"
for file in "$folder"/1.s "$folder"/2.s; do as "${file%.s}.maps.s" "$file" -o "$folder/out.o"; done
valgrind -q --error-exitcode=9 --leak-check=full "$build/bin/gw-asmgcroot" "$folder/1.s" -o "$folder/again.s"
executed=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/bin/gw-asmgcroot" --all "$folder/2.s" 2>&1 |
    sed -n 's/.*Collected : //p')
each=$((executed / $(wc -l <"$folder/2.s")))
echo "$each instructions a line"
[ "$each" -gt 0 ] && [ "$each" -le 9000 ] # 7,000 when this was written
