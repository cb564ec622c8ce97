#include "switches.h"

#include <stddef.h>
#include <stdlib.h>
#include <ucontext.h>

#define STACK_BYTES ((size_t)1 << 20)

static ucontext_t outside, inside;

void on_context(void (*body)(void))
{
    if (getcontext(&inside) != 0) abort();
    inside.uc_stack.ss_sp = malloc(STACK_BYTES);
    inside.uc_stack.ss_size = STACK_BYTES;
    inside.uc_link = &outside;
    makecontext(&inside, body, 0);
    if (swapcontext(&outside, &inside) != 0) abort();
}

/* Callee-saved registers and a stack pointer. */
void switch_stacks(void **save, void *to);
__asm__(".text\n.globl switch_stacks\n.type switch_stacks,@function\nswitch_stacks:\n.cfi_startproc\n"
        "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
        "movq %rsp,(%rdi)\nmovq %rsi,%rsp\n"
        "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n.cfi_endproc\n");
static void *main_stack, *other_stack;
static void (*coroutine_body)(void);

static void coroutine(void)
{
    coroutine_body();
    switch_stacks(&other_stack, main_stack);
}

/* Where a coroutine starts whose stack ends, with a null return address, at `end`. */
static void start_coroutine(char *end)
{
    void **top = (void **)end;
    *--top = NULL;
    *--top = (void *)coroutine;
    for (int i = 0; i < 6; i++) *--top = NULL;
    switch_stacks(&main_stack, top);
}

void by_hand(void (*body)(void))
{
    coroutine_body = body;
    start_coroutine((char *)aligned_alloc(16, STACK_BYTES) + STACK_BYTES);
}

void by_hand_inside(void (*body)(void))
{
    _Alignas(16) char room[256 << 10];
    coroutine_body = body;
    start_coroutine(room + sizeof room);
}
