#!/bin/sh
# gw-timeline has the figures of the spans that protoc decodes, in words and on its page, whose highest bar is the longest stop; it asks the
# network for nothing; and says of files that are none, cut off or damaged, and of a full disk, that it is so. A span more is noticed.
#
# usage: figures.sh <gw-timeline> <program> <program with threads>
set -eu
tool=$1 work=$2 threads=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"
cd "$folder"

# figures <spans>: a line for each kind, as gw-timeline has it: name|times|together|median|99 %|longest
figures() {
    for depth in 1 2; do
        awk -v depth=$depth '$1 == "span" && $2 == depth { name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name); print name "|" $4 - $3 }' "$1" |
            LC_ALL=C sort -t '|' -k 1,1 -k 2,2n >"lengths$depth"
    done
    cut -d '|' -f 2 lengths1 | sort -n | sed 's/^/all|/' >lengths0
    cat lengths1 lengths2 lengths0 | awk -F '|' '
        function text(ns,   unit, digits) {
            for (unit = 1; ns >= 999.5 && unit < 4; unit++) ns /= 1000
            digits = unit == 1 || ns >= 99.95 ? 0 : ns >= 9.995 ? 1 : 2
            return sprintf("%.*f %s", digits, ns, substr("nsusmss ", 2 * unit - 1, 2))
        }
        function high(part) { return length_of[int((count * part + 999) / 1000)] }
        function end() { if (count) print name "|" count "|" text(total) "|" text(high(500)) "|" text(high(990)) "|" text(length_of[count]) }
        $1 != name { end(); name = $1; count = total = 0 }
        { length_of[++count] = $2; total += $2 }
        END { end() }' | sed 's/ *$//' | sort
}
printed() { # <what gw-timeline prints>
    sed -n 's/^ *\([a-z][a-z ]*[a-z]\)  *\([0-9][0-9]*\)  *\([0-9.]* [num]*s\)  *\([0-9.]* [num]*s\)  *\([0-9.]* [num]*s\)  *\([0-9.]* [num]*s\)$/\1|\2|\3|\4|\5|\6/p' "$1" | sort
}
on_page() { # <page>
    sed -n 's/^<tr[^>]*><td>\(.*\)<\/td><\/tr>$/\1/p' "$1" | sed 's/<\/td><td>/|/g' | sort
}

decode() { protoc -I"$here" --decode=timeline.Trace trace.proto <"$1" | LC_ALL=C awk -f "$here/spans.awk" >"$2"; }

"$work" trace >/dev/null
decode trace spans
figures spans >expected
[ "$(wc -l <expected)" -ge 10 ] || fail 'too few kinds of spans to compare'
"$tool" --html page.html trace >said || fail "status $?"
printed said | diff expected - >difference || fail "other figures than the spans': $(cat difference)"
on_page page.html | diff expected - >difference || fail "other figures on the page: $(cat difference)"
grep -v '^all' expected | diff - said >/dev/null && fail 'nothing is compared'
awk '$1 == "span" && $2 == 1 && !done { $4 += 5000000; done = 1 } { print }' spans >planted
figures planted | diff expected - >/dev/null && fail 'a longer stop is not noticed'

grep -qiE '(src|href)=|https?:|@import|url\(|<script' page.html && fail 'it asks for something else'
longest=$(sed -n 's/^all|.*|//p' expected)
highest=$(sed -n 's/^<rect .* height="\([0-9.]*\)"><title>\(.*\)<\/title>.*/\1 \2/p' page.html | sort -rn | sed 's/^[0-9.]* //;q')
[ "$highest" = "$longest" ] || fail "the highest bar is $highest, the longest stop $longest"

# Several threads and heaps in one file; a process that was killed; several files.
GREYWAVE=trace=shared "$threads" >/dev/null
decode shared spans
figures spans >expected
"$tool" shared >said && printed said | grep -v '^all' >found && grep -v '^all' expected | diff - found >difference || fail "several threads: $(cat difference)"
"$work" killed crash >/dev/null 2>&1 || :
"$tool" --html page.html trace killed shared >said || fail 'a killed process is no timeline'
[ "$(grep -c '^<section>' page.html)" = 3 ] || fail 'a page for each of three is not there'

# ---- What is no timeline ---------------------------------------------------------------------------------

for file in /nowhere /dev/null "$0"; do
    "$tool" "$file" >said 2>&1 && fail "$file is taken for a timeline"
    grep -q "^gw-timeline: $file: ." said || fail "$file: $(cat said)"
done
size=$(wc -c <trace)
for part in 1 3 7 100 1001 4099 $((size / 2)) $((size - 1)); do
    head -c "$part" trace >cut
    status=0
    "$tool" --html page.html cut >said 2>&1 || status=$?
    [ "$status" -le 1 ] || fail "cut off after $part bytes: status $status"
    { head -c "$part" trace; head -c 64 "$tool"; tail -c +$((part + 65)) trace; } >damaged
    status=0
    "$tool" --html page.html damaged >said 2>&1 || status=$?
    [ "$status" -le 1 ] || fail "damaged behind $part bytes: status $status"
done
"$tool" --html /dev/full trace >said 2>errors && fail 'a full disk is no error'
grep -q '^gw-timeline: /dev/full: cannot be written: ' errors || fail "$(cat errors)"
"$tool" >said 2>&1 && fail 'no file is no error'
[ "$failures" -eq 0 ]
