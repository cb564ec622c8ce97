#!/bin/sh
# Modules that are to go: removing.cc, as C++17 over LLVM's C API, with one of LLVM's two JIT linkers. What is in use stays, in words; what is
# left when nobody looks ends the process.
#
# usage: removing.sh <build folder> <llvm version> jitlink|rtdyld
set -eu
build=$1 llvm=$2 linker=$3
. "$(dirname -- "$0")/compiled.sh"

compile removing

failures=0
# run <stress> <case> [fault, or number]
run() {
    status=0
    GREYWAVE=$1 timeout 120 "$folder/removing" "$linker" "$2" ${3:-} >"$folder/out" 2>"$folder/err" || status=$?
}

# says <case> <line...>: lines of the output; a line that says who uses it matches anywhere
says() {
    case_=$1
    shift
    for stress in '' stress=alloc+move,poison=1,verify=1,verify-walk=1; do
        run "$stress" "$case_"
        printf '%s\n' "$@" end >"$folder/wanted"
        sed "s/: greywave: '[^']*' is not removed: /: /; s/ (at .*)$//; s/ at \*//g; s/, \*, in byte/, in byte/; s/ (?)//" "$folder/out" >"$folder/said"
        [ "$status" -eq 0 ] && cmp -s "$folder/said" "$folder/wanted" && continue
        echo "$linker, GREYWAVE=$stress $case_: status $status"
        diff "$folder/wanted" "$folder/said" || :
        cat "$folder/err"
        failures=$((failures + 1))
    done
}

used='the module is in use:'
asked='the module may be in use: the heap of another thread has not answered yet; it does when that thread next allocates, collects or polls; ask again then, or let threads that wait for long detach their heaps'
if [ "$linker" = jitlink ]; then
    says frame "called from it: $used a frame of it, which goes on, is on the running stack" 'at last: gone'
    says waiting "it waits: $used a frame of it, which goes on, is on the waiting stack" 'at last: gone'
    says new-stack "it is to begin: $used the stack, which has not begun, is to begin in it" 'at last: gone'
    says type "an object is alive: $used the object has the type 'gone'" "nobody knows that it is dead: $used the object has the type 'gone'" 'at last: gone'
    says literal "a handle: $used the static object is referred to by a variable, a handle or a frame" \
        "an object: $used the 'cell' has an address in it, in byte 0" 'at last: gone'
    says closure "its code is known: $used the 'cell' has an address in it, in byte 8" 'at last: gone'
    says written 'at last: gone' 'at last: gone'
    says elsewhere "a thread has an object: $asked" "it has collected: $used in the heap of another thread the object has the type 'gone'" \
        "it has none, and was not asked since: $asked" 'it has collected again: gone' 'at last: gone'
fi
if [ "$linker" = rtdyld ]; then # is not asked twice
    says frame "called from it: $used a frame of it, which goes on, is on the running stack" 'at last: gone'
    says waiting "it waits: $used a frame of it, which goes on, is on the waiting stack" 'at last: gone'
    says new-stack "it is to begin: $used the stack, which has not begun, is to begin in it" 'at last: gone'
    says type "an object is alive: $used the object has the type 'gone'" 'nobody knows that it is dead: gone' 'at last: gone'
    says literal "a handle: $used the static object is referred to by a variable, a handle or a frame" 'an object: gone' 'at last: gone'
    says closure "its code is known: $used the 'cell' has an address in it, in byte 8" 'at last: gone'
    says written 'at last: gone' 'at last: gone'
    says elsewhere "a thread has an object: $asked" 'it has collected: gone' 'it has none, and was not asked since: gone' 'it has collected again: gone' \
        'at last: gone'
fi

# ---- Rounds leave nothing behind ----
# flat <case> <most bytes of malloc and of pages a round>
flat() {
    run max-heap=64m "$1" 300
    awk -v malloc="$2" -v pages="$3" '/bytes of malloc/ { found = 1; if ($1 > malloc || $5 > pages) exit 1 } END { if (!found) exit 1 }' "$folder/out" ||
        { echo "$linker $1:"; cat "$folder/out"; failures=1; }
}
flat growth 16 1500
flat growth-apart 1000 4000 # with names that each round is the first to say

# ---- Which one it is ----
run '' closure
[ "$linker" = rtdyld ] || grep -q "^its code is known: greywave: 'the object of calls' is not removed: " "$folder/out" || { cat "$folder/out"; failures=1; }

# ---- Without the question, and without forgetting what was written ----
for case_ in frame waiting new-stack type literal closure elsewhere; do
    run verify=1,poison=1 $case_ heedless
    [ "$status" -ne 0 ] || { echo "$linker: nothing shows that $case_ is in use"; failures=1; }
    [ $case_ != waiting ] || grep -q 'the module is in use: a frame of it' "$folder/err" || { cat "$folder/err"; failures=1; } # by its maps
done
run '' written forgetful
[ "$status" -ge 128 ] || { echo "$linker: nothing shows that static objects are forgotten: status $status"; failures=1; }
[ "$failures" -eq 0 ]
