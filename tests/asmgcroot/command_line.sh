#!/bin/sh
# gw-asmgcroot used wrongly, or where it cannot work: status 2 (or 1 for a file that is refused) and a message that says what
# is wrong.
#
# usage: command_line.sh <build folder> <fixtures folder>
set -eu
build=$1 fixtures=$2
tool=$build/bin/gw-asmgcroot stand_in=$build/lib/greywave/as

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
failures=0
cp "$fixtures/loop.s" "$folder/good.s"

# provoke <text> <status> <command>...: the command ends with the status and says the text
provoke() {
    text=$1 expected=$2 status=0
    shift 2
    "$@" >"$folder/out" 2>&1 || status=$?
    if [ "$status" -eq "$expected" ] && grep -qF -- "$text" "$folder/out"; then return; fi
    echo "$*: status $status, $expected expected; no line says: $text"
    sed 's/^/  | /' "$folder/out"
    failures=$((failures + 1))
}

with_little_memory() { (ulimit -v 20000 && "$@"); }

provoke 'no input files; see gw-asmgcroot --help' 2 "$tool"
provoke "unknown option '--lenient'; see gw-asmgcroot --help" 2 "$tool" --lenient "$folder/good.s"
provoke 'needs a value; see gw-asmgcroot --help' 2 "$tool" "$folder/good.s" -o
provoke 'input files: local labels would clash; name no output, or one input' 2 "$tool" "$folder/good.s" "$folder/good.s" -o "$folder/maps.s"
provoke 'cannot open' 2 "$tool" "$folder/missing.s"
provoke 'cannot read' 2 "$tool" "$folder" -o "$folder/maps.s"
provoke 'cannot write' 2 "$tool" "$folder/good.s" -o /dev/full
provoke 'cannot write' 2 "$tool" "$folder/good.s" -o "$folder/missing/maps.s"
for i in $(seq 1000000); do echo '	nop'; done >"$folder/long.s"
for i in $(seq 12); do cat "$folder/long.s"; done >"$folder/longer.s"
provoke 'out of memory' 2 with_little_memory "$tool" "$folder/longer.s" -o "$folder/maps.s"
provoke ' bytes are wanted' 2 with_little_memory "$tool" "$folder/longer.s" -o "$folder/maps.s"

provoke ': one assembler file at a time' 2 "$stand_in" "$folder/good.s" "$folder/good.s"
provoke 'cannot write a temporary file' 2 env TMPDIR="$folder/missing" "$stand_in" "$folder/good.s" -o "$folder/good.o"
provoke 'cannot run the assembler, as: ' 2 env PATH="$folder" "$stand_in" "$folder/good.s" -o "$folder/good.o"
provoke 'waiting for the assembler: ' 2 env --ignore-signal=CHLD "$stand_in" "$folder/good.s" -o "$folder/good.o"

# Twenty-five functions that are refused for the same reason.
for i in $(seq 25); do sed "s/\\bf\\b/f$i/g; s/LFB_f/LFB_f$i/g" "$fixtures/refuse_clobbered.s"; done >"$folder/bad.s"
provoke ': further complaints are not shown' 1 "$tool" "$folder/bad.s" -o "$folder/maps.s"

# The file of a refused input goes; what is no file stays.
[ ! -e "$folder/maps.s" ] || { echo 'maps were left behind for a file that is refused'; failures=$((failures + 1)); }
mkfifo "$folder/pipe"
cat "$folder/pipe" >"$folder/drained" &
provoke ': further complaints are not shown' 1 "$tool" "$folder/bad.s" -o "$folder/pipe"
[ -p "$folder/pipe" ] || { echo 'a pipe that was named for the maps was removed'; failures=$((failures + 1)); }
wait

# Maps of another file, with more calls and with fewer.
"$tool" "$fixtures/callee_saved.s" -o "$folder/few.s"
"$tool" "$fixtures/own_name.s" -o "$folder/many.s"
provoke 'these maps were made from another file' 1 as "$folder/few.s" "$fixtures/own_name.s" -o "$folder/mixed.o"
provoke 'UND' 1 as "$folder/many.s" "$fixtures/callee_saved.s" -o "$folder/mixed.o"

provoke 'usage: gw-asmgcroot' 0 "$tool" --help
provoke 'gw-asmgcroot ' 0 "$tool" --version
provoke 'digraph "f"' 0 "$tool" "$folder/good.s" --dot f
[ "$failures" -eq 0 ]
