#!/bin/sh
# The example of a thread pool says what it should, also with collections all the time and a marker beside it.
#
# usage: thread_pool.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# 250 trees of each depth from 0 to 7: 2^(depth + 1) - 1 nodes each, 250 * (2^9 - 2 - 8) in all.
echo '2000 tasks, 125500 nodes' >"$folder/expected"
"$build/bin/gwcc" --llvm="$llvm" -O2 -pthread -Wall -Wextra -Werror "$here/../../examples/thread-pool/pool.c" -o "$folder/pool"
for options in verify=1 nursery=64k,stress=997+move,poison=1,verify=1 helpers=1,nursery=64k; do
    GREYWAVE=$options timeout 100 "$folder/pool" | cmp - "$folder/expected"
done
