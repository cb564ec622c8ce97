/* Backtraces by unwind information alone, at each instruction of the runtime: the processor stops behind each, and the C compiler's
 * unwinder looks for main's caller from there. Prints how many instructions there were, and at how many it was not found; of these, the
 * first. */
#define _GNU_SOURCE /* dladdr, REG_RIP */
#include <dlfcn.h>
#include <greywave/greywave.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unwind.h>

struct node {
    struct node GW *next;
    uint64_t number;
};
GW_TYPE(node, struct node);
struct array {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(array, struct array, length, at);

#define TRAP_FLAG 0x100

static const void *library; /* where it is loaded */
static uint64_t instructions, broken;
static bool steps;

static bool is_in_runtime(void *pc)
{
    Dl_info info;
    return dladdr(pc, &info) && info.dli_fbase == library;
}

static void *outermost; /* the frame that called main */

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *found)
{
    if (_Unwind_GetCFA(context) != (_Unwind_Word)outermost) return _URC_NO_REASON;
    *(bool *)found = true;
    return _URC_END_OF_STACK;
}

static void stepped(int signal, siginfo_t *info, void *data)
{
    ucontext_t *context = data;
    void *pc = (void *)context->uc_mcontext.gregs[REG_RIP];
    bool found = false;
    (void)signal, (void)info;
    if (!steps) context->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    if (!is_in_runtime(pc)) return;
    instructions++;
    _Unwind_Backtrace(look, &found);
    if (!found && broken++ < 5) printf("broken: libgreywave+%#lx\n", (unsigned long)((char *)pc - (char *)library));
}

static void begin_steps(void)
{
    steps = true;
    __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" : : : "cc", "memory");
}

static struct node GW *list;

__attribute__((noinline)) static uint64_t go_through_doors(struct array GW *array)
{
    begin_steps();
    struct node GW *node = gw_new(node);
    gw_collect(GW_MINOR);
    array->at[3] = node;
    node->next = gw_new(node);
    struct gw_weak GW *weak = gw_weak_new(node, GW_WEAK_SHORT);
    gw_pin(node);
    gw_unpin(node);
    gw_collect_step(0);
    list = node;
    steps = false;
    return gw_weak_get(weak) == node;
}

static _Unwind_Reason_Code note_outermost(struct _Unwind_Context *context, void *depth)
{
    if (++*(int *)depth < 2) return _URC_NO_REASON; /* the first is main */
    outermost = (void *)_Unwind_GetCFA(context);
    return _URC_END_OF_STACK;
}

int main(void)
{
    Dl_info info;
    int depth = 0;
    struct sigaction action = {.sa_sigaction = stepped, .sa_flags = SA_SIGINFO};
    if (gw_init("nursery=256k,stress=alloc") != GW_OK || !dladdr((const void *)gw_version(), &info)) return 1;
    library = info.dli_fbase;
    struct array GW *array = gw_new_array(array, 1000);
    _Unwind_Backtrace(note_outermost, &depth);
    sigaction(SIGTRAP, &action, NULL);
    uint64_t good = go_through_doors(array);
    printf("instructions %lu broken %lu\n", (unsigned long)instructions, (unsigned long)broken);
    return good != 1 || instructions < 1000;
}
