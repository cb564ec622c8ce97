#!/bin/sh
# One test program: compiled at each level, run under each set of options, and each time it must succeed and print the
# same.
#
# usage: program.sh <build folder> <llvm version> <program> [gentle | brief]
#   gentle: no collection at every allocation, for programs that fill a heap
#   brief: two levels, and one kind of stress, for programs that try many things in a child process each
# Sources: <program>.c, or .cc, beside this script, and for some a native or a loaded part, see `parts` below.
set -eu
roots=${ROOTS:-statepoint} # how they are found
build=$1 llvm=$2 program=$3 manner=${4:-hard}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

source=$here/$program.c
dialect=gnu17
if [ -f "$here/$program.cc" ]; then
    source=$here/$program.cc dialect="${DIALECT:-gnu++17} -Wno-missing-designated-field-initializers"
fi

# shellcheck disable=SC2086
gwcc() { "$build/bin/gwcc" --llvm="$llvm" --roots="$roots" -Wall -Wextra -Werror -std=$dialect "$@"; }

# What a program needs besides its own source: sets `parts` (to link) and `arguments` (to run with).
make_parts() {
    parts='' arguments=''
    case $program in
    polls) parts=--polls ;;
    shared_heap | blocking) parts=-pthread ;;
    schedulers)
        parts=-pthread
        [ "$roots" = shadow ] || [ "$1" = -O1 ] || parts="$parts --frame-marks" ;;
    deep_stack) parts=--frame-marks ;;
    callbacks | exceptions | small_structs)
        ${CC:-cc} -O2 -c "$here/native.c" -o "$folder/native.o"
        parts=$folder/native.o ;;
    stacks)
        ${CC:-cc} -O2 -I"$build/include" -c "$here/switches.c" -o "$folder/switches.o"
        parts=$folder/switches.o ;;
    inline_functions)
        gwcc "$1" -c "$here/inline_functions_other.cc" -o "$folder/other.o"
        parts=$folder/other.o ;;
    types)
        gwcc "$1" -c "$here/types_other.c" -o "$folder/other.o"
        parts=$folder/other.o ;;
    loaded)
        gwcc "$1" -fPIC -shared "$here/loaded_library.c" -o "$folder/loaded_library.so"
        parts=-Wl,--export-dynamic arguments=$folder/loaded_library.so ;;
    esac
}

failures=0
# run <level> <options>
run() {
    status=0
    # shellcheck disable=SC2086 # nothing, or one word
    GREYWAVE=$2 timeout "${LIMIT:-120}" "$folder/$program" $arguments >"$folder/out" || status=$?
    [ -f "$folder/expected" ] || cp "$folder/out" "$folder/expected"
    if [ "$status" -ne 0 ] || ! cmp -s "$folder/expected" "$folder/out"; then
        echo "$program $1 with GREYWAVE=$2: status $status, output:"
        cat "$folder/out"
        failures=$((failures + 1))
    fi
}

# With the nursery that programs have at one level, a small one at the others: checks look at all that was reserved.
nursery_at() {
    [ "$1" = -O0 ] || echo nursery=1m,
}

# A thread that marks beside the program, and copies when all rest, at one level.
marker_at() {
    [ "$1" != -O2 ] || echo helpers=1,
}

levels='-O0 -O1 -O2 -O3'
[ "$manner" != brief ] || levels='-O0 -O2'
for level in $levels; do
    make_parts "$level"
    # shellcheck disable=SC2086
    gwcc "$level" "$source" $parts -o "$folder/$program" -lm
    run "$level" poison=1,verify=1,verify-walk=1
    run "$level" "$(marker_at "$level")verify=1"
    small=$(nursery_at "$level")
    [ "$manner" != brief ] || run "$level" "${small}stress=alloc,poison=1,verify=1"
    [ "$manner" = hard ] || continue
    run "$level" "${small}stress=alloc+step,poison=1,verify=1,verify-walk=1"
    run "$level" "${small}stress=alloc+move,poison=1,verify=1"
    run "$level" "${small}$(marker_at "$level")stress=3+safepoint,poison=1,verify=1,age=2"
done
[ "$failures" -eq 0 ]
