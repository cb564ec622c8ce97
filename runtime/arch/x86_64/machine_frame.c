/* Stepping frames with nongnu libunwind. Owns the translation between machine frames and unw_context_t / cursor.
 *
 * libunwind guesses where unwind information is missing: it follows rbp, or reports the end of the stack. Both would
 * lose roots silently. A guessed step leaves no save location for any register but rbp, a step by unwind
 * information always leaves rbx with one; that tells the two apart without a second table lookup. */
#define _GNU_SOURCE /* dladdr, names of the saved registers */
#include "arch/x86_64/machine_frame.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ucontext.h>

static const int greg_of_saved[GW_SAVED_REGISTERS] = {REG_RBX, REG_RBP, REG_R12, REG_R13, REG_R14, REG_R15};
static const int unw_of_saved[GW_SAVED_REGISTERS] = {UNW_X86_64_RBX, UNW_X86_64_RBP, UNW_X86_64_R12,
                                                     UNW_X86_64_R13, UNW_X86_64_R14, UNW_X86_64_R15};

void gw_unwinder_start(struct gw_unwinder *unwinder, const struct gw_machine_frame *frame)
{
    greg_t *gregs = unwinder->context.uc_mcontext.gregs;
    memset(gregs, 0, sizeof unwinder->context.uc_mcontext.gregs);
    for (int r = 0; r < GW_SAVED_REGISTERS; r++) {
        gregs[greg_of_saved[r]] = (greg_t)*frame->home[r];
        unwinder->start_home[r] = frame->home[r];
    }
    gregs[REG_RSP] = (greg_t)frame->sp;
    gregs[REG_RIP] = (greg_t)frame->pc;
    unwinder->interrupted = false;
    unw_init_local(&unwinder->cursor, &unwinder->context);
}

/* Where libunwind says register `r` is saved, in terms of the stack: a location inside the context stands for the
 * home that the context was filled from. NULL: nowhere. */
static uintptr_t *home_of(struct gw_unwinder *unwinder, int r)
{
    unw_save_loc_t location;
    if (unw_get_save_loc(&unwinder->cursor, unw_of_saved[r], &location) < 0 || location.type != UNW_SLT_MEMORY)
        return NULL;
    uintptr_t context = (uintptr_t)&unwinder->context;
    if (location.u.addr - context >= sizeof unwinder->context) return (uintptr_t *)(uintptr_t)location.u.addr;
    const greg_t *greg = (const greg_t *)(uintptr_t)location.u.addr;
    for (int s = 0; s < GW_SAVED_REGISTERS; s++)
        if (greg == &unwinder->context.uc_mcontext.gregs[greg_of_saved[s]]) return unwinder->start_home[s];
    return NULL;
}

/* The kernel makes a handler return to `mov $15, %rax; syscall`. libunwind 1.6 tells only after the step, and not if
 * the trampoline has unwind information. */
static bool is_signal_return(uintptr_t pc)
{
    static const uint8_t trampoline[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
    return memcmp((const void *)pc, trampoline, sizeof trampoline) == 0;
}

enum gw_unwound gw_unwinder_step(struct gw_unwinder *unwinder, struct gw_machine_frame *frame)
{
    unwinder->interrupted = is_signal_return(frame->pc);
    int stepped = unw_step(&unwinder->cursor);
    if (stepped < 0) return GW_UNWOUND_NO_INFO;
    for (int r = 0; r < GW_SAVED_REGISTERS; r++) {
        frame->home[r] = home_of(unwinder, r);
        if (!frame->home[r]) return GW_UNWOUND_NO_INFO;
    }
    if (stepped == 0) return GW_UNWOUND_END;
    unw_word_t pc, sp;
    if (unw_get_reg(&unwinder->cursor, UNW_REG_IP, &pc) < 0 || unw_get_reg(&unwinder->cursor, UNW_REG_SP, &sp) < 0)
        return GW_UNWOUND_NO_INFO;
    if (pc == 0) return GW_UNWOUND_END; /* stacks made by hand end in a null return address */
    if (sp <= frame->sp && !unwinder->interrupted) return GW_UNWOUND_NO_INFO; /* a signal may have its own stack */
    frame->pc = pc;
    frame->sp = sp;
    return GW_UNWOUND_FRAME;
}

/* libunwind reads the symbol table of the file, so it knows static functions too; dladdr knows the file. */
static bool procedure_name(uintptr_t pc, char *text, size_t size)
{
    struct gw_unwinder unwinder;
    uintptr_t zero = 0;
    struct gw_machine_frame frame = {.pc = pc, .home = {&zero, &zero, &zero, &zero, &zero, &zero}};
    gw_unwinder_start(&unwinder, &frame);
    unw_word_t offset;
    return unw_get_proc_name(&unwinder.cursor, text, size, &offset) == 0;
}

void gw_name_code(uintptr_t pc, char *text, size_t size)
{
    char name[128] = "?";
    Dl_info info;
    bool found = dladdr((void *)(pc - 1), &info) != 0; /* the call, not what follows it */
    if (found && info.dli_sname) snprintf(name, sizeof name, "%s", info.dli_sname);
    else if (!procedure_name(pc, name, sizeof name)) snprintf(name, sizeof name, "?");
    if (found && info.dli_fname) snprintf(text, size, "%s (%s)", name, info.dli_fname);
    else snprintf(text, size, "%s", name);
}
