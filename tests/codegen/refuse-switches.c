// Switches between stacks that the program made: references on one that is switched away from would not be found.
// RUN: refused %gwcc -O0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -fno-builtin -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -DOUTSIDE -c %s -o %t 2>&1 | %filecheck --check-prefix=OUTSIDE %s
#include <greywave/greywave.h>
#include <ucontext.h>

struct node {
    struct node GW *next;
};
GW_TYPE(node, struct node);
static struct node GW *kept;
void make_one(void) { kept = gw_new(node); }

#if defined TOLD || defined TOLD_AND_MORE
// What the runtime is told of may stand: a function without references that gw_stack_switch_by alone calls.
// RUN: %gwcc -O0 -DTOLD -c %s -o %t
// RUN: %gwcc -O2 -DTOLD -c %s -o %t
// RUN: refused %gwcc -O0 -DTOLD_AND_MORE -c %s -o %t 2>&1 | %filecheck --check-prefix=MORE %s
// RUN: refused %gwcc -O2 -DTOLD_AND_MORE -c %s -o %t 2>&1 | %filecheck --check-prefix=MORE %s
static ucontext_t outside, inside;
static char memory[1 << 16];
static void *enter(void *unused)
{
    // MORE: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'swapcontext' switches stacks
    swapcontext(&outside, &inside);
    return unused;
}
void tells(gw_stack *to)
{
    gw_stack *stack = gw_stack_add(memory, sizeof memory);
    makecontext(&inside, make_one, 0);
    gw_stack_switch_by(stack ? stack : to, enter, 0);
}
#ifdef TOLD_AND_MORE
void *calls_it_too(void) { return enter(0); }
static void *holds_some(void *unused)
{
    struct node GW *here = gw_new(node);
    // MORE: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'swapcontext' switches stacks
    swapcontext(&outside, &inside);
    kept = here;
    return unused;
}
void tells_wrong(gw_stack *to) { gw_stack_switch_by(to, holds_some, 0); }
#endif
#elif defined OUTSIDE
// OUTSIDE: error: greywave: assembler that loads the stack pointer switches stacks
__asm__(".globl switch_stacks\nswitch_stacks:\n pushq %rbp\n movq %rsp, (%rdi)\n movq %rsi, %rsp\n popq %rbp\n ret\n");
#elif !defined ALLOWED
static ucontext_t outside, inside;
struct transfer {
    void *context, *data;
};
struct transfer jump_fcontext(void *, void *);
struct transfer bthread_jump_fcontext(void *, void *);
void co_switch(void *);

void switches(void)
{
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'makecontext' switches stacks, and references on a stack that is switched away from are not found; let gw_stack_new make the stack, or let gw_stack_switch_by call a function that holds no references and does nothing but switch
    makecontext(&inside, make_one, 0);
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'swapcontext' switches stacks
    swapcontext(&outside, &inside);
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'setcontext' switches stacks
    setcontext(&outside);
}

void of_libraries(void)
{
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'jump_fcontext' switches stacks
    jump_fcontext(0, 0);
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'bthread_jump_fcontext' switches stacks
    bthread_jump_fcontext(0, 0);
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'co_switch' switches stacks
    void (*volatile later)(void *) = co_switch;
    later(0);
}

void by_assembler(void *stack)
{
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: assembler that loads the stack pointer switches stacks
    __asm__ volatile("movq %0, %%rsp" : : "r"(stack) : "memory");
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: assembler that loads the stack pointer switches stacks
    __asm__ volatile("xchgq %%rsp, (%0)" : : "r"(stack) : "memory");
    // CHECK: refuse-switches.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: assembler that loads the stack pointer switches stacks
    __asm__ volatile("pushq %0; popq %%rsp" : : "r"(stack) : "memory");
}

// CHECK: error: greywave: 'co_switch' switches stacks{{.*}}variable 'table']
void (*const table[])(void *) = {co_switch};

#else
// What leads back to the stack it came from may stand, and a function of the program's own may have such a name.
// RUN: %gwcc -O0 -DALLOWED -c %s -o %t
// RUN: %gwcc -O2 -DALLOWED -c %s -o %t
__asm__(".globl aligned\naligned:\n pushq %rbp\n movq %rsp, %rbp\n andq $-64, %rsp\n leaq -64(%rsp), %rsp\n"
        " movq %rsi, 8(%rsp)\n movq %rbp, %rsp\n popq %rbp\n ret\n");
void co_switch(void *data) { kept = data ? kept : 0; }
void *stack_pointer(void)
{
    void *here;
    co_switch(0);
    __asm__("movq %%rsp, %0" : "=r"(here));
    return here;
}
static ucontext_t crash;
void note_registers(void) { getcontext(&crash); }
long in_a_frame(void)
{
    long before = kept != 0;
    getcontext(&crash);
    return before + (kept != 0);
}
#endif
