#!/bin/sh
# The orders that decisions 0151 and 0160 rely on stand in the machine's code of the runtime: whoever writes `relaxed` where another thread
# reads what was written before is found here, on x86-64 as well, where nothing else would show it.
#
# usage: orders.sh <machine> <libgreywave.so> <objdump>
set -eu
machine=$1 library=$2 objdump=$3
failures=0

# has <function>[,<part of it that compilers may leave for itself>] <instruction of x86-64> <instruction of AArch64>; -: a plain one does
# there
has() {
    case $machine in x86_64) wanted=$2 ;; *) wanted=$3 ;; esac
    [ "$wanted" != - ] || return 0
    "$objdump" -d --no-show-raw-insn --disassemble-symbols="$1" "$library" 2>/dev/null | grep -Eq "	($wanted)" && return
    echo "$1: no $wanted"
    failures=$((failures + 1))
}

# Locks: taken with acquire, released with release. What LSE has no instruction for on old processors is a call of the compiler's.
has gw_world_enter,come_in 'lock' 'casa|ldaxr|bl.*__aarch64_cas4_acq'
has gw_world_leave,go_out 'xchg' 'swpl|stlxr|bl.*__aarch64_swp4_rel'
# A stop begins and ends in one order with the count of those that run.
has gw_world_let_in 'xchg' 'stlr	'
has gw_world_start 'xchg' 'stlr	'
has gw_world_go_outside 'lock' 'ldaddal|stlxr|bl.*__aarch64_ldadd4_acq_rel'
has gw_world_go_outside - 'ldar	'
# Who rests has written down what others will read.
has gw_world_go_outside - 'stlrb'
# Recipes and the index of roots are filled in before they are found.
has gw_recipe_publish - 'stlr	'
has gw_root_index_contains - 'ldar	|ldapr	'
has gw_root_index_add - 'stlr	'
# Cards of global arrays: read after they were exchanged.
has gw_visit_changed_globals,visit_set_card 'xchg' 'swpalb|stlxrb|bl.*__aarch64_swp1_acq_rel'
[ "$failures" -eq 0 ]
