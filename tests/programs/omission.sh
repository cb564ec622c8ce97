#!/bin/sh
# Shows that a bug of the compiler's would be noticed: leaves out one write barrier, or one root of one frame map, at a
# time, and requires that poisoning and heap verification, or the program's own checks, find it.
#
# usage: omission.sh <build folder> <llvm version> barrier|root
#
# Every barrier of barriers.c and every root of roots.c matters: the absence of each must be noticed. What a site lists
# without need, because nothing collects there or nobody looks afterwards, does not belong into these programs.
set -eu
build=$1 llvm=$2 what=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
program=${what}s
stress=poison=1,verify=1
# The slow path of an inline allocation is a site of its own, so roots are tried with every allocation on it; and a root
# that is left out shows only when its object moves, so every object moves every time.
[ "$what" = barrier ] || stress=stress=alloc+move,$stress

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

# compile <number to leave out>; 0: none
compile() {
    # shellcheck disable=SC2086 # several words, or none
    "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -O1 -mllvm "-greywave-omit-$what=$1" $options "$here/$program.c" \
        -o "$folder/$program"
}

# True when the program runs to its end and prints what it should.
passes() {
    GREYWAVE=$stress timeout "${LIMIT:-60}" "$folder/$program" >"$folder/out" 2>"$folder/err" && cmp -s "$folder/expected" "$folder/out"
}

# leave_out <option>...: one at a time
leave_out() {
    options=$*
    compile 0
    GREYWAVE=$stress "$folder/$program" >"$folder/expected"
    cp "$folder/$program" "$folder/whole"
    number=0 count=0 unnoticed=''
    while :; do
        number=$((number + 1))
        compile "$number"
        # Beyond the last one, leaving it out changes nothing.
        ! cmp -s "$folder/$program" "$folder/whole" || break
        count=$number
        if passes; then unnoticed="$unnoticed $number"; fi
    done
    echo "$count ${what}s left out, one at a time; not noticed:${unnoticed:- none}"
    silent=$(echo "$unnoticed" | wc -w)
    [ "$count" -ge 8 ]
    [ "$silent" -eq 0 ]
}

leave_out
[ "$what" = barrier ] || leave_out -mllvm -greywave-most-operands=0 # roots in words of the frame

# A barrier for one slot of a large object does not stand for another one's: letting it is noticed. The program's own tests need no barrier
# elsewhere that this takes away.
if [ "$what" = barrier ]; then
    across() { "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -O1 "$@" "$here/many_references.c" -o "$folder/across"; }
    across
    GREYWAVE=$stress "$folder/across" >"$folder/out"
    across -mllvm -greywave-elide-across-cards
    ! GREYWAVE=$stress "$folder/across" >"$folder/out" 2>"$folder/err"
    grep -q 'a write barrier is missing' "$folder/err"
fi
