#!/bin/sh
# Random heaps and random lives, each with a seed of its own, under AddressSanitizer and UndefinedBehaviorSanitizer, with a system that now
# and then refuses to take pages back. A seed that fails is named with the command that repeats it.
#
# usage: soak.sh <folder of the binaries> <minutes> [first seed]
set -eu
bin=$1 minutes=$2 seed=${3:-$(date +%s)}
first=$seed end=$(($(date +%s) + 60 * minutes))
failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

try() {
    "$@" >"$out" 2>&1 && return
    failed=$((failed + 1))
    echo "failed: $*"
    sed 's/^/  | /' "$out"
}

# What the seed decides: options by its remainder, how often madvise is refused by the next.
while [ "$(date +%s)" -lt $end ]; do
    refuse=$((seed / 5 % 4))
    case $((seed % 5)) in
    0) try "$bin/random_heap_checked" --seed "$seed" --refuse $refuse --options nursery=64k --actions 200000 --check 50 ;;
    1) try "$bin/random_heap_checked" --seed "$seed" --refuse $refuse --options nursery=64k,age=3,verify=1,poison=1 --actions 20000 --check 20 ;;
    2) try "$bin/random_heap_checked" --seed "$seed" --refuse $refuse --options nursery=1m,stress=7+move,poison=1,verify=1 --actions 5000 --check 20 --step $((seed % 3 * 4)) ;;
    3) try "$bin/random_life_checked" --seed "$seed" --refuse $refuse --options nursery=64k,growth=10,verify=1,poison=1,age=2 --graphs 2000 --chains $((seed / 3 % 2)) ;;
    4) try "$bin/random_life_checked" --seed "$seed" --refuse $refuse --options nursery=1m,verify=1,poison=1,stress=2+move --graphs 500 ;;
    esac
    seed=$((seed + 1))
done
echo "soak: $((seed - first)) seeds from $first in $minutes minutes, $failed failed"
[ $failed = 0 ]
