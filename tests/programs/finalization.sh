#!/bin/sh
# The examples of finalization print what they should, at every level and under stress.
#
# usage: finalization.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
examples=$(CDPATH='' cd -- "$(dirname -- "$0")/../../examples/finalization" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

cat >"$folder/policies.expected" <<END
java: finalize 1
java: 1 lives on
old CPython: __del__ 3
old CPython: gc.garbage holds one of a cycle of 2
CPython: __del__ once
CPython: __del__ once
scheme: 0 to give back while it is in use
scheme: object 1 is let go
scheme: got back 1
scheme: got back 1
END
cat >"$folder/foreign.expected" <<END
1 image alive, of 1000 bytes
1000 bytes of external memory
END

for level in -O0 -O2; do
    "$build/bin/gwcc" --llvm="$llvm" "$level" -std=gnu17 "$examples/policies.c" -o "$folder/policies"
    "$build/bin/gwcc" --llvm="$llvm" "$level" -std=gnu++17 "$examples/foreign.cc" -lstdc++ -o "$folder/foreign"
    for options in '' stress=alloc,poison=1,verify=1 nursery=1m,stress=3+move,poison=1,verify=1; do
        for program in policies foreign; do
            GREYWAVE=$options timeout 120 "$folder/$program" >"$folder/out"
            diff "$folder/$program.expected" "$folder/out" || {
                echo "$program $level with GREYWAVE=$options prints something else ('>')"
                exit 1
            }
        done
    done
done
