#!/bin/sh
# gw-timeline's JSON, read by another parser than it was written by, has the spans, counters and names that protoc finds in the timeline; of several
# heaps, several files, processes that were killed, and names that are no UTF-8. A fault in either is found.
#
# usage: json.sh <gw-timeline> <program> <program with threads>
set -eu
tool=$1 work=$2 threads=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../counting.sh"
cd "$folder"

# expect <trace>: the lines of its spans and counters
expect() {
    protoc -I"$here" --decode=timeline.Trace trace.proto <"$1" >text
    LC_ALL=C awk -f "$here/spans.awk" text | sed -n 's/^\(span [^"]*\) [0-9]* "/\1 "/p'
    LC_ALL=C awk -f "$here/counters.awk" text
}
found() { for what in spans counters; do python3 "$here/events.py" "$1" $what || echo "broken: $what"; done; }

# same <expected> <found>: in any order; names are described more than once.
same() {
    LC_ALL=C sort -u "$1" >left
    LC_ALL=C sort -u "$2" | diff left - >difference
}

"$work" trace >/dev/null
"$tool" --json trace.json trace >/dev/null || fail "status $?"
expect trace >expected
found trace.json >said
same expected said || fail "other than in the timeline: $(head -5 difference)"
for part in 'span 1' 'span 2' 'counter [0-9]* bytes' 'counter [0-9]* value' process thread; do
    [ "$(grep -c "^$part " said)" -gt 0 ] || fail "nothing is compared of: $part"
done
[ "$(grep -c '^counter' said)" -ge "$((6 * $(grep -c '^span 1' said)))" ] || fail 'a stop without its counters'

python3 "$here/events.py" trace.json flows >flows
grep -q '^flow$' flows && ! grep '^broken' flows || fail 'arrows do not lead from span to span'
sed 's/"flow_in":true,//' trace.json >planted
python3 "$here/events.py" planted flows | grep -q '^broken' || fail 'not found: arrows that end nowhere'

# plant <what> <sed's command>
plant() {
    sed "$2" trace.json >planted
    cmp -s planted trace.json && fail "nothing was planted: $1"
    found planted >said.planted 2>&1
    same expected said.planted && fail "not found: $1" || true
}
plant 'another time' 's/"ts":\([0-9]*\)\.[0-9]*/"ts":\1.0001/'
plant 'a longer span' 's/"dur":/"dur":1/'
plant 'a value of another counter' 's/"name":"goal"/"name":"heap"/'
plant 'another flow' 's/"bind_id":"0x/&1/'
plant 'other bytes' 's/"promoted bytes":/"promoted bytes":1/'
plant 'no JSON' 's/"dur":/"dur"/'

# Several heaps have counters of their own; the file is one of several.
GREYWAVE=trace=shared "$threads" >/dev/null
"$work" killed crash >/dev/null 2>&1 || :
"$tool" --json several.json trace shared killed >/dev/null || fail "several files: status $?"
for trace in trace shared; do
    expect $trace | sed 's/^\(span [0-9]* [0-9]* [0-9]*\) [0-9]*/\1 f/' >expected
    found several.json | sed 's/^\(span [0-9]* [0-9]* [0-9]*\) [0-9]*/\1 f/' | LC_ALL=C sort -u >said
    LC_ALL=C sort -u expected | LC_ALL=C comm -23 - said >missing
    [ ! -s missing ] || fail "of $trace not among several: $(head -5 missing)"
done
python3 - several.json <<'END' || fail 'several files in one'
import collections, json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
heaps = {(e["pid"], e.get("id")) for e in events if e["ph"] == "C" and e["name"] == "heap"}
assert len(heaps) == 5, heaps  # one, three and one
flows = collections.defaultdict(set)
for e in events:
    if "bind_id" in e:
        flows[e["bind_id"]].add(e["pid"])
assert flows and all(len(pids) == 1 for pids in flows.values()), "arrows lead from process to process"
cut = [e for e in events if e["ph"] == "B"]
assert len(cut) <= 1 and not any("dur" in e for e in cut), cut
END

# A stop that never ended has no length: the file ends in it.
protoc -I"$here" --encode=timeline.Trace trace.proto <<'END' >open
packet { timestamp: 1000 track_event { type: TYPE_SLICE_BEGIN track_uuid: 7 name: "never ended" } }
packet { timestamp: 3000 track_event { type: TYPE_SLICE_BEGIN track_uuid: 8 name: "ended" } }
packet { timestamp: 5001 track_event { type: TYPE_SLICE_END track_uuid: 8 } }
END
"$tool" --json open.json open >/dev/null || fail "a file that ends in a stop: status $?"
grep -qF '{"ph":"B","name":"never ended","cat":"gc","pid":0,"tid":7,"ts":1.000}' open.json || fail "a stop that never ended: $(cat open.json)"
grep -qF '"ts":3.000,"dur":2.001}' open.json || fail "a stop that ended: $(cat open.json)"

# Names of any bytes.
odd=$(printf 'odd\377name"')
cp "$work" "$odd"
"./$odd" odd.trace >/dev/null
"$tool" --json odd.json odd.trace >/dev/null || fail "a name that is no UTF-8: status $?"
found odd.json >said
grep -qxF 'process odd?name"' said || fail "a name that is no UTF-8: $(grep ^process said)"

"$tool" --json /dev/full trace >said 2>errors && fail 'a full disk is no error'
grep -q '^gw-timeline: /dev/full: cannot be written: ' errors || fail "$(cat errors)"
size=$(wc -c <trace)
for part in 100 1001 4099 $((size / 2)) $((size - 1)); do
    { head -c "$part" trace; head -c 64 "$tool"; tail -c +$((part + 65)) trace; } >damaged
    status=0
    "$tool" --json damaged.json damaged >said 2>&1 || status=$?
    [ "$status" -le 1 ] || fail "damaged behind $part bytes: status $status"
    python3 "$here/events.py" damaged.json counters >said 2>&1 || fail "damaged behind $part bytes: no JSON"
done
[ "$failures" -eq 0 ]
