#!/bin/sh
# programs.sh <folder of bin/programs> <program> <size>: the benchmark program under every root finder that can be collected under,
# while collections move everything again and again; all outputs equal that of an undisturbed run.
set -eu
folder=$1 program=$2 size=$3

wanted=$("$folder/$program-statepoint" "$size")
for finder in statepoint shadow-clang asm shadow-gcc; do
    got=$(GREYWAVE=stress=31+move,poison=1,verify=1 "$folder/$program-$finder" "$size") || {
        echo "$program-$finder $size failed under stress"
        exit 1
    }
    [ "$got" = "$wanted" ] || {
        printf '%s under stress printed\n%s\nbut should print\n%s\n' "$program-$finder" "$got" "$wanted"
        exit 1
    }
done
without=$(GREYWAVE=nursery=64m "$folder/$program-none" "$size")
[ "$without" = "$wanted" ] || {
    printf '%s printed\n%s\nbut should print\n%s\n' "$program-none" "$without" "$wanted"
    exit 1
}
