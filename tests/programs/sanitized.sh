#!/bin/sh
# Coroutines under AddressSanitizer and ThreadSanitizer: not a word of either, with jumps, exceptions and native memory on stacks that wait;
# and what is wrong on one is heard.
#
# usage: sanitized.sh <build folder> <llvm version>
set -eu
build=$1 llvm=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cat >"$folder/coroutines.cc" <<'END'
#include <greywave/greywave.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct node {
    struct node GW *next;
    long number;
};
GW_TYPE(node, struct node);
static jmp_buf place;
[[gnu::noinline]] static long deep(long n, int how)
{
    char room[200];
    memset(room, int(n), sizeof room);
    volatile char *at = room;
    if (n == 0 && how) throw 7;
    if (n == 0) longjmp(place, 1);
    return deep(n - 1, how) + at[5];
}
[[gnu::noinline]] static void leave(long i)
{
    if (i % 2) {
        try {
            deep(20, 1);
        } catch (int) {
        }
    } else if (setjmp(place) == 0) {
        deep(20, 0);
    }
}
[[gnu::noinline]] static char *native()
{
    char *memory = static_cast<char *>(malloc(100));
    memory[5] = 1;
    return memory;
}
[[gnu::noinline]] static void spoil(char *memory)
{
    free(memory);
    memory[6] = 1;
}
static void GW *body(void GW *, void GW *)
{
    struct node GW *list = NULL;
    for (long i = 0; i < 60; i++) {
        struct node GW *node = gw_new(node);
        node->next = list, node->number = i, list = node;
        if (i % 10 < 4) leave(i);
        char *memory = native();
        if (WRONG && i == 30) spoil(memory);
        gw_stack_yield(node);
        if (!(WRONG && i == 30)) free(memory);
    }
    return list;
}
static void GW *wait(void GW *, void GW *)
{
    leave(1);
    return gw_stack_yield(NULL);
}
/* A heap that gives back the frames of a stack that waits, and not of the one that runs. */
static bool come_and_go()
{
    struct gw_heap *heap;
    if (gw_heap_create(NULL, &heap) != GW_OK || gw_attach(heap) != GW_OK) return false;
    gw_stack_switch(gw_stack_new(0, wait, NULL), NULL);
    if (gw_detach() != GW_OK || gw_heap_destroy(heap) != GW_OK) return false;
    leave(1);
    return true;
}
int main()
{
    if (!come_and_go() || !come_and_go() || gw_init(NULL) != GW_OK) return 2;
    static gw_stack *stacks[40];
    long sum = 0;
    for (int round = 0; round < 3; round++) {
        for (auto &stack : stacks) stack = gw_stack_new(0, body, NULL);
        for (int turn = 0; turn < 61; turn++)
            for (auto &stack : stacks) sum += static_cast<struct node GW *>(gw_stack_switch(stack, NULL))->number;
        for (auto &stack : stacks) gw_stack_free(stack);
    }
    for (auto &stack : stacks) gw_stack_switch(stack = gw_stack_new(0, body, NULL), NULL); /* and wait at the end, with native memory */
    printf("%ld\n", sum);
}
END
failures=0
for sanitizer in address thread; do
    for level in -O0 -O1 -O2; do
        for stress in '' stress=3+move,verify=1; do
            what="-fsanitize=$sanitizer $level, GREYWAVE=$stress"
            [ -n "$stress" ] || "$build/bin/gwc++" --llvm="$llvm" -g $level -fsanitize=$sanitizer -DWRONG=0 "$folder/coroutines.cc" -o "$folder/program"
            status=0
            GREYWAVE=$stress timeout 120 "$folder/program" >"$folder/out" 2>&1 || status=$?
            [ "$status" -eq 0 ] && [ "$(cat "$folder/out")" = 219480 ] && continue
            echo "$what: status $status"
            head -n 20 "$folder/out"
            failures=$((failures + 1))
        done
    done
done
"$build/bin/gwc++" --llvm="$llvm" -g -O0 -fsanitize=address -DWRONG=1 "$folder/coroutines.cc" -o "$folder/program"
! timeout 120 "$folder/program" >"$folder/out" 2>&1 && grep -q 'heap-use-after-free' "$folder/out" && grep -q 'in spoil(' "$folder/out" ||
    { echo "a use after free on a coroutine is not heard"; head -n 20 "$folder/out"; failures=$((failures + 1)); }

# ---- Many under ThreadSanitizer, to which each stack that has begun is a fiber with mappings of its own ----
cat >"$folder/many.c" <<'END'
#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>
struct node {
    struct node GW *next;
    long number;
};
GW_TYPE(node, struct node);
static void GW *body(void GW *argument, void GW *value)
{
    (void)value;
    gw_stack_yield(NULL);
    return argument;
}
int main(int count, char **arguments)
{
    long sum = 0, stacks = count > 1 ? atol(arguments[1]) : 0;
    if (gw_init(NULL) != GW_OK) return 2;
    gw_stack **all = calloc((size_t)stacks, sizeof *all);
    for (long i = 0; i < stacks; i++) {
        struct node GW *node = gw_new(node);
        node->number = i;
        all[i] = gw_stack_new(0, body, node);
        gw_stack_switch(all[i], NULL);
    }
    gw_collect(GW_FULL);
    for (long i = 0; i < stacks; i++) {
        struct node GW *node = gw_stack_switch(all[i], NULL);
        sum += node->number;
        gw_stack_free(all[i]);
    }
    printf("%ld\n", sum);
}
END
"$build/bin/gwcc" --llvm="$llvm" -O1 -fsanitize=thread "$folder/many.c" -o "$folder/many"
many() {
    status=0
    timeout 120 "$folder/many" "$1" >"$folder/out" 2>&1 || status=$?
}
many 4000
[ "$status" -eq 0 ] && [ "$(cat "$folder/out")" = 7998000 ] || { echo "4,000 stacks: status $status"; head -n 20 "$folder/out"; failures=$((failures + 1)); }
many 60000 # more than it has room for, unless the machine allows more mappings; then it says so
[ "$status" -eq 0 ] && [ "$(cat "$folder/out")" = 1799970000 ] || { [ "$status" -lt 124 ] && grep -q 'ERROR: ThreadSanitizer.*allocate' "$folder/out"; } ||
    { echo "60,000 stacks: status $status"; head -n 20 "$folder/out"; failures=$((failures + 1)); }
[ "$failures" -eq 0 ]
