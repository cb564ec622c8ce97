#!/bin/sh
# The game loop of the examples, a short run of each mode: the worlds must be equal (the program compares them), and the
# picture must hold as many frames as were played.
#
# usage: game_loop.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
example=$(CDPATH='' cd -- "$(dirname -- "$0")/../../examples/game-loop" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM

"$build/bin/gwcc" --llvm="$llvm" -O2 -std=gnu17 -Wall -Wextra -Werror "$example"/*.c -o "$folder/game-loop" -lm
"$folder/game-loop" --help | grep -q -- --svg

# run <heap options>: two simulated seconds, at least one scene change; the last line is the world's checksum
run() {
    "$folder/game-loop" --fps 60 --seconds 2 --scene 1 --entities 300 --side 24 --heap "$1" --svg "$folder/frames.svg" \
        >"$folder/out" || { cat "$folder/out"; exit 1; }
    tail -n 1 "$folder/out" >"$folder/world"
    [ -f "$folder/expected" ] || cp "$folder/world" "$folder/expected"
    cmp "$folder/expected" "$folder/world"
    played=$(awk '/frames of at most/ { sub(/.*: /, ""); sum += $1 } END { print sum }' "$folder/out")
    drawn=$(sed -n 's:.*<title>\([0-9]*\) frames</title>.*:\1:p' "$folder/frames.svg" | awk '{ sum += $1 } END { print sum }')
    [ "$played" -gt 470 ] && [ "$played" -eq "$drawn" ] || { echo "played $played frames, drew $drawn"; exit 1; }
}
run verify=1,poison=1
run nursery=256k,verify=1,poison=1,verify-walk=1
run stress=500,verify=1,poison=1
