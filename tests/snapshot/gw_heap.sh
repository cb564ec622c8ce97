#!/bin/sh
# gw-heap on the command line: tables of a small snapshot that was written by hand, refusals, and lines of a program's source.
#
# usage: gw_heap.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
failures=0

# expect <what> <arguments>... : its output is what `expected` holds.
expect() {
    what=$1
    shift
    "$build/bin/gw-heap" "$@" >out 2>&1 || echo "status $?" >>out
    diff expected out >difference && return
    echo "$what:"
    cat difference
    failures=$((failures + 1))
}

# snapshot <nodes> <edges> <nodes' numbers> <edges' numbers>
snapshot() {
    printf '{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count","trace_node_id","detachedness"],'
    printf '"node_types":[["object"],"string"],"edge_fields":["type","name_or_index","to_node"],'
    printf '"edge_types":[["context","element","property","internal","hidden","shortcut","weak"],"string_or_number","node"]},'
    printf '"node_count":%s,"edge_count":%s,"trace_function_count":0},\n"nodes":[%s],\n"edges":[%s],\n' "$1" "$2" "$3" "$4"
    printf '"strings":["","(variables)","cache (p+0x10)","table","entry","+8","+16","left"]}\n'
}

# root -> (variables) -> cache -> table #2 -> entries #4, #6, each of which refers to #8; #6 weakly to #4, and #8 back to the table.
snapshot 7 9 '9,0,1,0,1,0,0, 8,1,3,0,1,0,0, 8,2,5,0,1,0,0, 3,3,2,100,2,0,0, 3,4,4,32,1,0,0, 3,4,6,32,2,0,0, 3,4,8,32,1,0,0' \
    '1,0,7, 1,0,14, 1,3,21, 1,0,28, 1,1,35, 2,5,42, 6,6,28, 2,5,42, 2,6,21' >new
# Before: #4 was another, #10 is gone, #8 was not there.
snapshot 6 6 '9,0,1,0,1,0,0, 8,1,3,0,1,0,0, 8,2,5,0,1,0,0, 3,3,2,100,2,0,0, 3,4,6,32,1,0,0, 3,3,10,200,0,0,0' \
    '1,0,7, 1,0,14, 1,3,21, 1,0,28, 1,1,35, 6,6,28' >old

cat >expected <<'END'
     objects           bytes   share        retained  type
           1             100   51.0%             196  table
           3              96   49.0%              96  entry
           4             196  100.0%                  all
END
expect 'by type' new

cat >expected <<'END'
       retained   share        bytes  what
            196  100.0%            0  (variables) #3
            196  100.0%            0  cache (p+0x10) #5
            196  100.0%          100  table #2
             32   16.3%           32  entry #4
… and 2 more
END
expect 'what keeps most' -n 4 --retainers new

cat >expected <<'END'
entry #8, 32 bytes, retains 32:

  (variables)
    [0]      cache (p+0x10)
    [3]      table #2
    [0]      entry #4
    +8       entry #8

  (variables)
    [0]      cache (p+0x10)
    [3]      table #2
    [1]      entry #6
    +8       entry #8
END
expect 'ways' --path=8 new
expect 'ways, by the number as it is printed' --path '#8' new

cat >expected <<'END'
entry #4, 32 bytes, retains 32:

  (variables)
    [0]      cache (p+0x10)
    [3]      table #2
    [0]      entry #4
END
expect 'ways, by type' -p entry new

cat >expected <<'END'
         new         gone           bytes  type
           0            1            -200  table
           2            0             +64  entry
           2            1            -136  all
END
expect 'differences' --diff=old new

# ---- Refusals -------------------------------------------------------------------------------------------

refuse() {
    what=$1 words=$2 status=$3
    shift 3
    code=0
    "$build/bin/gw-heap" "$@" >out 2>error || code=$?
    [ "$code" = "$status" ] && [ ! -s out ] && grep -qF "$words" error && return
    echo "$what: status $code"
    cat out error
    failures=$((failures + 1))
}
printf 'text' >text
head -c 600 new >part
sed 's/1,0,7, /1,0,8, /' new >astray
sed 's/"node_count":7/"node_count":9/' new >short
sed 's/"node_count":7/"node_count":5/' new >long
printf '{"nodes":[1,2]}' >headless
printf '{"snapshot":{}}' >empty
refuse 'no such file' 'gw-heap: nothing: No such file or directory' 1 nothing
refuse 'a folder' 'gw-heap: .: Is a directory' 1 .
refuse 'no JSON' 'gw-heap: text: not a heap snapshot: lexical error' 1 text
refuse 'cut off' 'gw-heap: part: not a heap snapshot: parse error: premature EOF' 1 part
refuse 'an edge to nowhere' 'gw-heap: astray: edge 0 leads to no node' 1 astray
refuse 'too few nodes' 'gw-heap: short: not a whole heap snapshot: nodes and edges are not as many as it announces' 1 short
refuse 'too many nodes' 'gw-heap: long: it has more nodes than the 5 that it announces' 1 long
refuse 'no counts' 'gw-heap: headless: it does not begin with what a heap snapshot says of its nodes and edges' 1 headless
refuse 'no nodes' 'gw-heap: empty: not a heap snapshot: it has no nodes' 1 empty
refuse 'nothing of that name' "gw-heap: new: nothing has the number or the type 'chair'" 1 --path=chair new
refuse 'no number' 'gw-heap: -n wants a number' 2 -n few new
refuse 'two commands' 'gw-heap: one of --retainers, --path, --diff and --named' 2 --retainers --path=4 new
refuse 'no file' 'gw-heap: which file?' 2
refuse 'two files' 'gw-heap: one file' 2 new old
"$build/bin/gw-heap" --help | grep -q '^usage: gw-heap' || { echo 'no help'; failures=$((failures + 1)); }
"$build/bin/gw-heap" --version | grep -q '^gw-heap [0-9]' || { echo 'no version'; failures=$((failures + 1)); }
"$build/bin/gw-heap" new >/dev/full 2>error && { echo 'a full disk is no error'; failures=$((failures + 1)); }

# ---- Lines of the source --------------------------------------------------------------------------------

"$build/bin/gwcc" --llvm="$llvm" -g -O1 "$here/places.c" -o places
./places snapshot
line=$(grep -n 'gw_heap_snapshot(path)' "$here/places.c" | cut -d : -f 1)
"$build/bin/gw-heap" --path=of_inner_frame snapshot | grep -q "inner (.*/places+0x[0-9a-f]*)  at places.c:$line\$" || {
    echo 'the frame has no line:'
    "$build/bin/gw-heap" --path=of_inner_frame snapshot
    failures=$((failures + 1))
}

# ---- Names of fields -------------------------------------------------------------------------------------

cat >fields.c <<'END'
#include <greywave/greywave.h>
struct inner { uint64_t number; struct node GW *deep; };
struct node { struct node GW *next; struct inner inner[3]; struct node GW *last; };
GW_TYPE(n, struct node); /* of another name than the struct */
struct leaf { struct node GW *up; };
GW_TYPE(leaf, struct leaf);
static struct leaf GW *start;
int main(int argc, char **argv)
{
    if (argc < 2 || gw_init(NULL) != GW_OK) return 1;
    start = gw_new(leaf);
    start->up = gw_new(n);
    start->up->next = gw_new(n);
    start->up->next->inner[2].deep = gw_new(n);
    start->up->next->inner[2].deep->last = gw_new(n);
    return gw_heap_snapshot(argv[1]) != GW_OK;
}
END

# ways <snapshot>: the names of fields on the way to the object that is furthest away
ways() {
    id=$("$build/bin/gw-heap" --retainers -n 0 "$1" | sed -n 's/^ *72 .* n #//p' | tail -1)
    "$build/bin/gw-heap" --path="$id" "$1" | sed -n 's/^    \([^ ]*\) *n #.*/\1/p' | tr '\n' ' '
}
"$build/bin/gwcc" --llvm="$llvm" -g -O1 fields.c -o fields && ./fields offsets
[ "$(ways offsets)" = 'up next inner[2].deep last ' ] || { echo "fields on the way: $(ways offsets)"; failures=$((failures + 1)); }
"$build/bin/gw-heap" --named=named offsets || failures=$((failures + 1))
rm fields
[ "$(ways named)" = 'up next inner[2].deep last ' ] || { echo "fields in the file: $(ways named)"; failures=$((failures + 1)); }
sed -n '/"nodes":/,/"edges":/p' offsets >before
sed -n '/"nodes":/,/"edges":/p' named >after
sed '$d' before >before.nodes && sed '$d' after >after.nodes
cmp before.nodes after.nodes || { echo 'nodes are others'; failures=$((failures + 1)); }
"$build/bin/gwcc" --llvm="$llvm" -O1 fields.c -o fields && ./fields bare
[ "$(ways bare)" = '+0 +0 +48 +56 ' ] || { echo "without debug information: $(ways bare)"; failures=$((failures + 1)); }
"$build/bin/gw-heap" --named=bare.named bare && cmp bare bare.named || { echo 'without debug information it is not the same'; failures=$((failures + 1)); }
refuse 'named to nowhere' 'gw-heap: /nowhere/at/all: cannot be written: No such file' 1 --named=/nowhere/at/all new
[ "$failures" -eq 0 ]
