#!/bin/sh
# against.sh <build folder>: the programs of a build in turns with themselves give a ratio between its interval's ends; what is no build
# folder, and no program, is refused.
set -eu
build=$1
bench=$build/bin/bench

row=$("$bench" against "$build" queens --runs 3 | grep '^queens')
echo "$row" | awk '{ exit !($6 > 0 && $7 <= $6 && $6 <= $9) }' || { echo "a build against itself: $row"; exit 1; }

fails() { # <words> <argument>...
    words=$1 status=0
    shift
    said=$("$bench" against "$@" 2>&1) || status=$?
    case "$status $said" in
    [12]*"$words"*) ;;
    *) echo "bench against $*: status $status, said: $said"; exit 1 ;;
    esac
}
fails 'wants the build folder'
fails 'has no before' "$build/nowhere" queens --runs 1
fails 'may not stand here' "$build" no-such-program
