#!/bin/sh
# A timeline is decoded by protoc, with field numbers of Perfetto's public definitions, and its spans are what hooks were told. Faults in either are
# found; what a killed process has written is a trace; threads and heaps may share one file.
#
# usage: timeline.sh <program> <program with threads>
set -eu
work=$1 threads=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"
cd "$folder"

# decode <trace> <spans>
decode() {
    protoc -I"$here" --decode=timeline.Trace trace.proto <"$1" >"$1.text" && LC_ALL=C awk -f "$here/spans.awk" "$1.text" >"$2"
}

# Whether spans and hooks say the same; in words where not.
compare() {
    spans=$1 hooks=$2
    grep -E '^(unknown|stray|late|open)' "$spans" && return 1
    grep -qE '^tracks [0-9]+ 0$' "$spans" || { echo 'a track is not described'; return 1; }
    awk '$1 == "span" && $2 == 1 { print "stop", $3, $4 }' "$spans" >stops
    grep '^stop' "$hooks" | diff - stops >difference || { echo 'stops:'; cat difference; return 1; }
    awk '$9 == "\"minor" { print "minor", $4 - $3, $6, $7 }' "$spans" >minors
    grep '^minor' "$hooks" | diff - minors >difference || { echo 'minor collections:'; cat difference; return 1; }
    [ "$(awk '$1 == "span" && $5 != "-" { print $5 }' "$spans" | sort -u | wc -l)" = "$(grep -c '^cycle' "$hooks")" ] ||
        { echo 'cycles are other than flows'; return 1; }
    awk '$1 == "span" && $2 == 1 && $8 != 6 { print "a stop without its counters"; bad = 1 }
         $1 == "span" && $2 > 2 { print "a span in one that holds none"; bad = 1 } END { exit bad }' "$spans"
}

# ---- One thread -----------------------------------------------------------------------------------------

"$work" trace >hooks
decode trace spans
compare spans hooks || fail 'the timeline is not what happened'
for name in minor roots mark ephemerons weak sweep give; do
    awk -v name="\"$name" '$1 == "span" && $2 == 2 { sub(/"$/, "", $9); found += $9 == name } END { exit !found }' spans || fail "no span of $name"
done
for name in full assist collection step; do
    awk -v name="\"$name" '$1 == "span" && $2 == 1 { sub(/"$/, "", $9); found += $9 == name } END { exit !found }' spans || fail "no stop for $name"
done

# ---- Faults ---------------------------------------------------------------------------------------------

# plant <what> <sed's command> <file that is changed> <its name in what is compared>
plant() {
    sed "$2" "$3" >planted
    cmp -s planted "$3" && fail "nothing was planted: $1"
    case $4 in
    hooks) compare spans planted >/dev/null && fail "not found: $1" ;;
    text) awk -f "$here/spans.awk" planted >planted_spans && compare planted_spans hooks >/dev/null && fail "not found: $1" ;;
    esac || true
}
plant 'a stop that hooks were not told of' '0,/^stop/{/^stop/d}' hooks hooks
plant 'a minor collection of other bytes' '0,/^minor/s/ [0-9]*$/ 1/' hooks hooks
plant 'a cycle more' '$s/$/\ncycle/' hooks hooks
plant 'an end that is missing' '0,/TYPE_SLICE_END/s/TYPE_SLICE_END/TYPE_UNSPECIFIED/' trace.text text
plant 'a beginning that is missing' '0,/TYPE_SLICE_BEGIN/s/TYPE_SLICE_BEGIN/TYPE_UNSPECIFIED/' trace.text text
plant 'a field of another number' '0,/timestamp_clock_id: 3/s/timestamp_clock_id: 3/77: 3/' trace.text text
plant 'another time' '0,/^  timestamp: [0-9]*$/s/^  timestamp: \([0-9]*\)[0-9]$/  timestamp: 1\1/' trace.text text

# ---- A process that is killed, others -------------------------------------------------------------------

"$work" killed crash >/dev/null 2>&1 && fail 'it was not killed'
decode killed killed_spans || fail 'what a killed process wrote is no trace'
grep -E '^(unknown|stray|late)' killed_spans && fail 'a killed process'
[ "$(grep -c '^span 1' killed_spans)" -gt 50 ] || fail 'a killed process left nothing'

"$work" ended exit >/dev/null || fail "it did not end: status $?"
decode ended ended_spans || fail 'what a process wrote that ended in a stop is no trace'
grep -E '^(unknown|stray|late|open)' ended_spans && fail 'a process that ended in a stop'

GREYWAVE="trace=$folder/shared-%p" "$threads" >tracks || fail "threads: status $?"
set -- shared-*
[ $# = 1 ] || fail "$# files of one process that forked"
decode "$1" shared || fail 'what several heaps wrote is no trace'
grep -E '^(unknown|stray|late|open)' shared && fail 'several heaps'
grep -qE '^tracks [0-9]+ 0$' shared || fail 'several heaps: a track is not described'
for name in first second; do grep -q "thread_name: \"$name\"" "$1.text" || fail "no track of the thread '$name'"; done

"$work" /nowhere/at/all >out 2>&1 && fail 'a file that cannot be made is no error'
grep -qx "gw_trace_start: cannot make '/nowhere/at/all': No such file or directory" out || fail "$(cat out)"
"$work" /dev/full >/dev/null 2>out && fail 'a full disk is no error'
grep -qx "trace: cannot write '/dev/full': No space left on device" out || fail "$(cat out)"
[ "$failures" -eq 0 ]
