#!/bin/sh
# Each probe of the library stands in the document with as many arguments as its note has, and none is missing there. And what arguments say, read by
# gdb at each probe of a program, is what the program's hooks are told.
#
# usage: probes.sh <library> <program> <document>
set -eu
library=$1 program=$2 document=$3
folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"

# ---- Notes ----------------------------------------------------------------------------------------------

# A line for each probe: its name, and how many arguments it has.
readelf --notes "$library" | awk '$1 == "Provider:" && $2 != "greywave" { print "another provider:", $2 }
    $1 == "Name:" { name = $2 } $1 == "Arguments:" { print name, NF - 1 }' | sort -u >noted
sed -n 's/^| `\([a-z_]*\)` | \([^|]*\) |.*/\1 \2/p' "$document" | awk '{ print $1, NF - 1 }' | sort >documented
[ "$(wc -l <noted)" -ge 10 ] || { echo 'the library has no probes:'; cat noted; exit 1; }
diff documented noted || { echo "the document (<) and the library's notes (>) differ"; exit 1; }

# ---- Arguments ------------------------------------------------------------------------------------------

# at <probe> <format> <argument>...: gdb says the arguments, and the program goes on
at() {
    probe=$1 format=$2
    shift 2
    printf 'break -probe-stap greywave:%s\ncommands\nsilent\nprintf "%s"' "$probe" "$probe $format\\n"
    for argument in "$@"; do printf ', %s' "$argument"; done
    printf '\ncontinue\nend\n'
}
{
    echo 'set pagination off'
    echo 'set confirm off'
    at minor_end '%lu %lu %lu' '$_probe_arg1' '$_probe_arg2' '$_probe_arg3'
    at promotion '%lu' '$_probe_arg1'
    at cycle_begin '%lu %lu' '$_probe_arg1' '$_probe_arg2'
    at cycle_end '%lu %lu %lu %lu' '$_probe_arg1' '$_probe_arg2' '$_probe_arg3' '$_probe_arg4'
    at stop_end '%lu %d' '$_probe_arg1' '$_probe_arg2'
    at out_of_memory '%lu %s %lu' '$_probe_arg1' '(char *)$_probe_arg2' '$_probe_arg3'
    at phase_begin '%d' '$_probe_arg1'
    at phase_end '%d %lu' '$_probe_arg1' '$_probe_arg2'
    at minor_begin '%lu' '$_probe_arg1'
    at stop_begin '%s' '(char *)$_probe_arg1'
    echo 'run >hooks'
} >commands
gdb -nx -batch -x commands "$program" >said 2>errors || { cat errors said; exit 1; }
grep -q 'exited normally' said || { tail -5 said; cat errors; exit 1; }

told='^(minor_end|promotion|cycle_begin|cycle_end|stop_end|out_of_memory) '
grep -E "$told" said | sort >probes
sort hooks >hooks.sorted
[ "$(wc -l <probes)" -ge 20 ] || { echo 'hardly any probe was met'; tail said; exit 1; }
diff hooks.sorted probes >difference || { echo "hooks (<) and probes (>) differ"; head difference; exit 1; }
for name in minor_begin stop_begin phase_begin; do
    grep -q "^$name " said || { echo "no $name"; exit 1; }
done
[ "$(grep -c '^phase_begin' said)" = "$(grep -c '^phase_end' said)" ] || { echo 'a phase has no end'; exit 1; }
grep -q '^stop_begin full collection$' said || { echo 'a stop has no name'; exit 1; }
