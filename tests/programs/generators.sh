#!/bin/sh
# The example of generators says what it should, also with a collection at every allocation.
#
# usage: generators.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

printf 'left and right, 500 leaves: the same\none leaf more: different\n' >"$folder/expected"
"$build/bin/gwcc" --llvm="$llvm" -O2 -Wall -Wextra -Werror "$here/../../examples/generators/same_fringe.c" -o "$folder/same_fringe"
for options in verify=1 stress=alloc,verify=1; do
    GREYWAVE=$options timeout 100 "$folder/same_fringe" | cmp - "$folder/expected"
done
