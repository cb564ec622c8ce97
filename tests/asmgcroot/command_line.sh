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

# A disk that is full after 512 bytes.
limited() { (trap '' XFSZ && ulimit -f 1 && "$@"); }
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
provoke 'as: -msyntax=intel: gw-asmgcroot reads 64-bit code in AT&T notation as GCC writes it; leave the option out' 2 "$stand_in" -msyntax=intel "$folder/good.s"
provoke 'as: -msyntax: gw-asmgcroot reads 64-bit code' 2 "$stand_in" -msyntax intel "$folder/good.s"
provoke 'as: @list: gw-asmgcroot reads no files of options; name them one by one' 2 "$stand_in" @list
provoke 'Usage: as ' 0 "$stand_in" --help
for option in '-march generic64' '-mtune generic64' '--MD deps' '--defsym a=1' '--debug-prefix-map a=b' '--hash-size 100' '--size-check error' \
    '-malign-branch jcc' '-mlfence-before-ret none' '-Q y' '-I .' '--listing-lhs-width 2' '--gdwarf-cie-version 3'; do
    # shellcheck disable=SC2086 # an option and its value
    (cd "$folder" && "$stand_in" $option good.s -o options.o) || { echo "$option: the assembler's option is not passed on"; failures=$((failures + 1)); }
done
provoke 'cannot run the assembler, as: ' 2 env PATH="$folder" "$stand_in" "$folder/good.s" -o "$folder/good.o"
provoke 'waiting for the assembler: ' 2 env --ignore-signal=CHLD "$stand_in" "$folder/good.s" -o "$folder/good.o"

# Twenty-five functions that are refused for the same reason.
for i in $(seq 25); do sed "s/\\bf\\b/f$i/g; s/LFB_f/LFB_f$i/g" "$fixtures/refuse_clobbered.s"; done >"$folder/bad.s"
provoke ': further complaints are not shown' 1 "$tool" "$folder/bad.s" -o "$folder/maps.s"

# Nothing is left of a refused input but what was there before; what is no file stays too.
check() { # check <what is wrong otherwise> <condition>...
    text=$1
    shift
    "$@" || { echo "$text"; failures=$((failures + 1)); }
}
nothing_else() { [ -z "$(find "$folder" -newer "$folder/mark" -type f ! -name out)" ]; }
check 'maps were left behind for a file that is refused' [ ! -e "$folder/maps.s" ]
echo 'kept' >"$folder/maps.s"
echo 'kept' >"$folder/kept"
touch -d '+1 second' "$folder/mark"
provoke ': further complaints are not shown' 1 "$tool" "$folder/bad.s" -o "$folder/maps.s"
provoke 'cannot write' 2 limited "$tool" "$folder/good.s" -o "$folder/maps.s"
check 'a file was touched by a run that failed' cmp -s "$folder/maps.s" "$folder/kept"
check 'something was left behind by a run that failed' nothing_else
for link in good.s ./good.s link.s hard.s; do
    ln -sf good.s "$folder/link.s"
    ln -f "$folder/good.s" "$folder/hard.s"
    provoke ' would be overwritten, and it is an input; name another output' 2 "$tool" "$folder/good.s" -o "$folder/$link"
done
cp "$folder/good.s" "$folder/good.maps.s"
provoke ' would be overwritten, and it is an input; name another output' 2 "$tool" "$folder/good.s" "$folder/good.maps.s"
provoke ' would be overwritten, and it is an input; name another output' 2 sh -c '"$1" - -o "$2" <"$2"' sh "$tool" "$folder/good.s"
check 'an input was changed' cmp -s "$folder/good.s" "$fixtures/loop.s"
ln -s maps.s "$folder/to_maps.s"
chmod 604 "$folder/maps.s"
"$tool" "$folder/good.s" -o "$folder/to_maps.s"
check 'a link was replaced, and not what it leads to' [ -h "$folder/to_maps.s" ]
check 'maps did not go where a link leads' grep -q gw_maps "$folder/maps.s"
check 'the rights of a file changed' [ "$(stat -c %a "$folder/maps.s")" = 604 ]
rm "$folder/maps.s"
mkfifo "$folder/pipe"
cat "$folder/pipe" >"$folder/drained" &
provoke ': further complaints are not shown' 1 "$tool" "$folder/bad.s" -o "$folder/pipe"
[ -p "$folder/pipe" ] || { echo 'a pipe that was named for the maps was removed'; failures=$((failures + 1)); }
wait

# Maps of another file, with more calls and with fewer.
"$tool" "$fixtures/callee_saved.s" -o "$folder/few.s"
"$tool" "$fixtures/own_name.s" -o "$folder/many.s"
provoke 'gw-asmgcroot: these maps were made from another file' 1 as "$folder/few.s" "$fixtures/own_name.s" -o "$folder/mixed.o"
provoke 'gw-asmgcroot: these maps were made from another file' 1 as "$folder/many.s" "$fixtures/callee_saved.s" -o "$folder/mixed.o"

# Directives are known in any case.
for directive in '.IF 0' '.Rept 2' '.REP 2' '.MACRO x' '.IRP a,1' '.INCLUDE "x"' '.TEXT 1' '.END' '.CODE32' '.ATT_SYNTAX noprefix' \
    '.SECTION .text, 2' '.SubSection 1'; do
    { cat "$folder/good.s" && printf '\t%s\n' "$directive"; } >"$folder/capitals.s"
    provoke "under which the text is not what is assembled; leave it out of inline assembler: $directive" 1 "$tool" "$folder/capitals.s" -o "$folder/capitals.maps.s"
done

# A complaint is one line of text whatever the input has, and names the line of C where one is known: of .loc, of the marker, of the
# function's first marker.
printf '\t.text\n\t.type f\377\033, @function\nf\377:\n\t/* GCROOT %%rax\001\377 */\n' >"$folder/raw.s"
provoke 'GCROOT %rax\x01\xff' 1 "$tool" "$folder/raw.s" -o "$folder/raw.maps.s"
sed 's/^\t.cfi_startproc/&\n\t.file 1 "folder" "one.c"\n\t.loc 1 17 5/' "$fixtures/refuse_clobbered.s" >"$folder/loc.s"
provoke 'one.c:17: f: ' 1 "$tool" "$folder/loc.s" -o "$folder/raw.maps.s"
sed 's/^#APP/&\n# 23 "two.c" 1/' "$fixtures/refuse_clobbered.s" >"$folder/origin.s"
provoke 'two.c:23: f: the reference marked at line 23 ' 1 "$tool" "$folder/origin.s" -o "$folder/raw.maps.s"
provoke "($folder/origin.s:" 1 "$tool" "$folder/origin.s" -o "$folder/raw.maps.s"

provoke 'usage: gw-asmgcroot' 0 "$tool" --help
provoke 'gw-asmgcroot ' 0 "$tool" --version
provoke 'digraph "f"' 0 "$tool" "$folder/good.s" --dot f
[ "$failures" -eq 0 ]
