#!/bin/sh
# places.c by one compiler and root finder, at each level: its snapshot names frames by their functions, and variables by theirs.
#
# usage: places.sh <build folder> <llvm version or gcc> <roots>
set -eu
build=$1 compiler=$2 roots=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

case $compiler in
gcc*) by=--gcc=$compiler thread='gw_global_' ;; # by GW_GLOBAL, which numbers them
*) by=--llvm=$compiler thread='kept_by_thread (' ;;
esac
for level in -O0 -O1 -O2 -O3; do # where LLVM may take an array apart, and name its parts
    "$build/bin/gwcc" "$by" --roots="$roots" "$level" -std=gnu17 -Wall -Wextra -Werror "$here/places.c" -o "$folder/places"
    "$folder/places" "$folder/snapshot"
    if [ "$roots" = shadow ]; then
        set -- '(shadow stacks)' 'shadow stack' of_outer_frame '(shadow stacks)' 'shadow stack' of_inner_frame \
            '(shadow stacks)' 'shadow stack' of_waiting_frame
    else
        set -- '(frames)' 'outer (' of_outer_frame '(frames)' 'inner (' of_inner_frame \
            '(frames of stacks that wait)' 'waits (' of_waiting_frame
    fi
    "$build/tests/snapshot/snapshot_expect" "$folder/snapshot" "$@" \
        '(frames of stacks that wait)' 'argument of a stack that has not begun' of_new_stack \
        '(variables)' 'kept_by_global (' of_global '(variables)' kept_by_array of_array '(variables)' "$thread" of_thread \
        '(handles)' '' of_handle ||
        { echo "$compiler $roots $level"; exit 1; }
done
