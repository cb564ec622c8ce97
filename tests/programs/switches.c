#include "switches.h"

#include <greywave/greywave.h>
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
#if defined(__x86_64__)
__asm__(".text\n.globl switch_stacks\n.type switch_stacks,@function\nswitch_stacks:\n.cfi_startproc\n"
        "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
        "movq %rsp,(%rdi)\nmovq %rsi,%rsp\n"
        "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n.cfi_endproc\n");

/* The function, and a null return address. */
static void **lay_out(char *end, void (*function)(void))
{
    void **top = (void **)end;
    *--top = NULL;
    *--top = (void *)function;
    for (int i = 0; i < 6; i++) *--top = NULL;
    return top;
}
#else
__asm__(".text\n.globl switch_stacks\n.type switch_stacks,%function\nswitch_stacks:\n.cfi_startproc\nhint #34\nsub sp,sp,#96\n"
        "stp x19,x20,[sp]\nstp x21,x22,[sp,#16]\nstp x23,x24,[sp,#32]\nstp x25,x26,[sp,#48]\nstp x27,x28,[sp,#64]\nstp x29,x30,[sp,#80]\n"
        "mov x9,sp\nstr x9,[x0]\nmov sp,x1\n"
        "ldp x19,x20,[sp]\nldp x21,x22,[sp,#16]\nldp x23,x24,[sp,#32]\nldp x25,x26,[sp,#48]\nldp x27,x28,[sp,#64]\nldp x29,x30,[sp,#80]\n"
        "add sp,sp,#96\nret\n.cfi_endproc\n"
        ".globl begin_without_caller\nbegin_without_caller:\nmov x16,x19\nmov x30,xzr\nbr x16\n");
void begin_without_caller(void);

/* The function in x19, and who calls it with a null return address. */
static void **lay_out(char *end, void (*function)(void))
{
    void **top = (void **)end - 12;
    for (int i = 0; i < 12; i++) top[i] = NULL;
    top[0] = (void *)function;
    top[11] = (void *)begin_without_caller;
    return top;
}
#endif
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
    switch_stacks(&main_stack, lay_out(end, coroutine));
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

/* ---- With the runtime's knowledge -------------------------------------------------------------------- */

static const struct known_switches *known;
static gw_stack *known_stack, *entered_from;
static char *known_memory;
static void (*known_body)(void);

/* The switch at a body's end is nobody's to make but the library's or the assembler's. */
static void run_body(void)
{
    known_body();
    gw_stack_leave(entered_from);
}

static void make_context(void (*body)(void), char *low, unsigned long bytes)
{
    if (getcontext(&inside) != 0) abort();
    inside.uc_stack.ss_sp = low;
    inside.uc_stack.ss_size = bytes;
    inside.uc_link = &outside;
    makecontext(&inside, body, 0);
}
static void *enter_context(void *unused)
{
    if (swapcontext(&outside, &inside) != 0) abort();
    return unused;
}
static void *leave_context(void *unused)
{
    if (swapcontext(&inside, &outside) != 0) abort();
    return unused;
}
const struct known_switches switches_of_context = {make_context, enter_context, leave_context};

static void body_by_assembler(void)
{
    run_body();
    switch_stacks(&other_stack, main_stack);
}
static void make_by_assembler(void (*body)(void), char *low, unsigned long bytes)
{
    (void)body;
    other_stack = lay_out(low + bytes, body_by_assembler);
}
static void *enter_by_assembler(void *unused)
{
    switch_stacks(&main_stack, other_stack);
    return unused;
}
static void *leave_by_assembler(void *unused)
{
    switch_stacks(&other_stack, main_stack);
    return unused;
}
const struct known_switches switches_by_assembler = {make_by_assembler, enter_by_assembler, leave_by_assembler};

void known_make(const struct known_switches *switches, void (*body)(void))
{
    known = switches;
    known_body = body;
    known_memory = aligned_alloc(16, STACK_BYTES);
    known_stack = gw_stack_add(known_memory, STACK_BYTES);
    if (!known_stack) abort();
    known->make(run_body, known_memory, STACK_BYTES);
}

void known_enter(void)
{
    entered_from = gw_stack_current();
    gw_stack_switch_by(known_stack, known->enter, NULL);
}

void known_back(void)
{
    gw_stack_switch_by(entered_from, known->leave, NULL);
}

void known_back_without_a_word(void)
{
    known->leave(NULL);
}

void known_leave(void)
{
    gw_stack_leave(entered_from);
}

void known_free(void)
{
    if (gw_stack_free(known_stack) != GW_OK) abort();
    free(known_memory);
}
