#!/bin/sh
# Programs under Valgrind, with the suppressions that are installed: it complains of nothing, on stacks of the program's own too, and hears
# what is wrong. Each suppression is needed. Without a limit the heap reserves what the machine has, and Valgrind goes through all of it.
#
# usage: valgrind.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
examples=$here/../../examples

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
failures=0
# run <wanted status> <argument...>: the program
run() {
    wanted=$1 status=0
    shift
    GREYWAVE=max-heap=64m,verify=1,stress=3+move timeout 120 valgrind -q --error-exitcode=9 --errors-for-leak-kinds=definite \
        --leak-check=full --suppressions="${suppressions:-$here/../../cmake/greywave.supp}" "$folder/program" "$@" >"$folder/out" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] && return
    echo "$what: status $status, not $wanted"
    cat "$folder/out"
    failures=$((failures + 1))
}

# compile <gwcc's options and files>; Valgrind 3.19 does not read DWARF 5
compile() {
    what=$*
    "$build/bin/gwcc" --llvm="$llvm" -std=gnu17 -gdwarf-4 "$@" -o "$folder/program"
}

for roots in statepoint shadow asm; do
    compile --roots=$roots -O2 "$examples/demo/binary_trees.c"
    run 0 4
done
compile -O2 "$here/coroutines.c"
run 0
compile -O2 "$examples/finalization/policies.c"
run 0
compile -O2 -std=gnu++17 "$here/cplusplus.cc"
suppressions=/dev/null run 0

# Roots that lie as the handles of a slab do, in a page of which the rest was never written.
cat >"$folder/like_handles.c" <<'END'
#include <greywave/greywave.h>
#include <stdlib.h>
#include <string.h>
struct node {
    long number;
};
GW_TYPE(node, struct node);
__attribute__((noinline)) static void put(struct node GW **place, struct node GW *node)
{
    *place = node;
}
int main(void)
{
    enum { HANDLES = 490 };
    if (gw_init(NULL) != GW_OK) return 2;
    char *page = aligned_alloc(4096, 4096);
    struct node GW **words = (struct node GW **)(page + 4096 - HANDLES * sizeof *words);
    memset(words, 0, HANDLES * sizeof *words);
    if (gw_add_roots(words, HANDLES) != GW_OK) return 3;
    put(words, gw_new(node));
    gw_remove_roots(words);
    free(page);
    return 0;
}
END
compile -O1 "$folder/like_handles.c"
run 0
suppressions=/dev/null run 9

# Stacks that the program brings, by swapcontext and by assembler.
"${CC:-cc}" -O1 -gdwarf-4 -I"$build/include" -c "$here/switches.c" -o "$folder/switches.o"
cat >"$folder/brought.c" <<'END'
#include <greywave/greywave.h>
#include <stdlib.h>
#include "switches.h"
struct node {
    struct node GW *next;
    long number;
};
GW_TYPE(node, struct node);
static long length;
static void body(void)
{
    struct node GW *list = NULL;
    for (long i = 0; i < 20; i++) {
        struct node GW *node = gw_new(node);
        node->next = list, node->number = i, list = node;
        char room[3000];
        for (int k = 0; k < 3000; k += 100) *(volatile char *)&room[k] = (char)i;
#ifdef WRONG
        int *words = malloc(sizeof *words);
        if (*words == 1) abort();
        free(words);
#endif
        known_back();
        if (*(volatile char *)&room[100] != (char)i) abort();
    }
    for (; list; list = list->next) length++;
}
int main(void)
{
    static const struct known_switches *const both[] = {&switches_of_context, &switches_by_assembler};
    if (gw_init(NULL) != GW_OK) return 2;
    for (int k = 0; k < 6; k++) {
        known_make(both[k % 2], body);
        for (int i = 0; i < 21; i++) known_enter();
        known_free();
    }
    return length == 120 ? 0 : 3;
}
END
for roots in statepoint shadow; do
    compile --roots=$roots -O2 -I"$here" "$folder/brought.c" "$folder/switches.o"
    run 0
done
compile -O0 -DWRONG -I"$here" "$folder/brought.c" "$folder/switches.o"
run 9
grep -A1 'depends on uninitialised value' "$folder/out" | grep -q 'body (brought.c' || { cat "$folder/out"; failures=1; }

cat >"$folder/wrong.c" <<'END'
#include <greywave/greywave.h>
#include <stdlib.h>
static void GW *body(void GW *unused, void GW *value)
{
    (void)unused;
    int *words = malloc(sizeof *words);
    if (*words == 1) abort();
    gw_stack_yield(value);
    abort();
}
int main(void)
{
    if (gw_init(NULL) != GW_OK) return 2;
    gw_stack *stack = gw_stack_new(0, body, NULL);
    gw_stack_switch(stack, NULL);
    gw_stack_free(stack);
    return 0;
}
END
compile -O0 "$folder/wrong.c"
run 9
grep -A1 'depends on uninitialised value' "$folder/out" | grep -q 'body (.*wrong.c' || { cat "$folder/out"; failures=1; }
[ "$failures" -eq 0 ]
