#!/bin/sh
# One demo program at one optimisation level (and what goes with it: '-O3 -march=native') with one GCC, with asm roots and with the shadow stack: position independent,
# not, static, and cut in two with one half in a shared library. Each must print what the malloc program prints, with a
# collection at every allocation, vacated memory poisoned, the whole heap and every stack walk checked.
#
# usage: gcc_matrix.sh <build folder> <gcc> <level> <source> <program argument>...
set -eu
build=$1 gcc=$2 level=$3 source=$4
shift 4
stress=stress=alloc,poison=1,verify=1,verify-walk=1

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# compile <roots> <option or file>...
compile() {
    roots=$1
    shift
    # shellcheck disable=SC2086 # a level and what goes with it
    "$build/bin/gwcc" --roots="$roots" --gcc="$gcc" -std=gnu17 $level -Wall -Wextra -Werror "$@"
}

. "${0%/*}/compared.sh"

failures=0
"$gcc" -std=gnu17 -DDEMO_MALLOC -I"$build/include" "$source" -o "$folder/malloc"
"$folder/malloc" "$@" >"$folder/expected"

for roots in asm shadow; do
    compile "$roots" -fPIC -pie "$source" -o "$folder/pic-$roots"
    compile "$roots" -fno-pie -no-pie "$source" -o "$folder/fixed-$roots"
    compile "$roots" -static "$source" -o "$folder/static-$roots"
    compile "$roots" -fPIC -shared -DDEMO_HALF=1 "$source" -o "$folder/libhalf-$roots.so"
    compile "$roots" -DDEMO_HALF=2 "$source" -o "$folder/split-$roots" -L"$folder" "-lhalf-$roots" -Wl,-rpath,"$folder"
done
# Frames of three root finders on one stack.
compile asm -c -DDEMO_HALF=1 "$source" -o "$folder/first.o"
"$build/bin/gwcc" -std=gnu17 "${level%% *}" -DDEMO_HALF=2 "$source" "$folder/first.o" -o "$folder/mixed-statepoint-asm"
compile shadow -DDEMO_HALF=2 "$source" "$folder/first.o" -o "$folder/mixed-shadow-asm"

for form in pic-asm pic-shadow; do run "$form" "$@"; done
stress=nursery=1m,$stress # checks look at all that was reserved
for form in fixed-asm static-asm split-asm static-shadow mixed-statepoint-asm mixed-shadow-asm; do
    run "$form" "$@"
done
[ "$failures" -eq 0 ]
