#!/bin/sh
# One demo program at one optimisation level with one LLVM, linked in three ways: position independent, static, and cut in
# two with one half in a shared library. Each must print what the malloc program prints, with a collection at every
# allocation, vacated memory poisoned, the whole heap and every stack walk checked.
#
# usage: matrix.sh <build folder> <llvm version> <level> <source> <program argument>...
#   STRESS=<options> in the environment: instead of a collection at every allocation
set -eu
roots=${ROOTS:-statepoint} # how they are found
build=$1 llvm=$2 level=$3 source=$4
shift 4
stress=${STRESS:-stress=alloc+step,poison=1,verify=1,verify-walk=1}

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# shellcheck disable=SC2086 # the level may be several options
gwcc() { "$build/bin/gwcc" --llvm="$llvm" --roots="$roots" -std=gnu17 $level -Wall -Wextra -Werror "$@"; }

. "${0%/*}/compared.sh"

failures=0
${CC:-cc} -std=gnu17 -DDEMO_MALLOC -I"$build/include" "$source" -o "$folder/malloc"
"$folder/malloc" "$@" >"$folder/expected"

gwcc -fPIE -pie "$source" -o "$folder/pie"
gwcc -static "$source" -o "$folder/static"
gwcc -fPIC -shared -DDEMO_HALF=1 "$source" -o "$folder/libhalf.so"
gwcc -DDEMO_HALF=2 "$source" -o "$folder/split" -L"$folder" -lhalf -Wl,-rpath,"$folder"
run pie "$@"
stress=nursery=1m,$stress # checks look at all that was reserved
for form in static split; do run "$form" "$@"; done
[ "$failures" -eq 0 ]
