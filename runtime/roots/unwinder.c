/* Leaving frames by the rules of their unwind information.
 *
 * A register whose value is unknown has no home. What is needed and not known ends the walk: a guess would lose roots.
 */
#include "roots/unwinder.h"

#include "arch/signals.h"
#include "os/linux/thread_stack.h"
#include "roots/frame_rules.h"
#include "roots/unwind_tables.h"

#include <string.h>

void gw_unwinder_start(struct gw_unwinder *unwinder, const struct gw_machine_frame *frame)
{
    memset(unwinder, 0, sizeof *unwinder);
    for (enum gw_saved_register r = 0; r < GW_SAVED_REGISTERS; r++) unwinder->home[gw_dwarf_of_saved_register(r)] = frame->home[r];
    unwinder->sp = frame->sp;
}

static bool read_register(const void *context, unsigned reg, uintptr_t *value)
{
    const struct gw_unwinder *unwinder = context;
    if (reg == GW_DWARF_SP) return *value = unwinder->sp, true;
    if (reg < GW_DWARF_GENERAL && unwinder->home[reg]) return *value = *unwinder->home[reg], true;
    return reg == GW_DWARF_RETURN && (*value = unwinder->pc, true);
}

static bool evaluate_cfa(const struct gw_unwinder *unwinder, const struct gw_frame_rules *rules, uintptr_t *cfa)
{
    if (rules->cfa.kind == GW_RULE_IS_RESULT) return gw_expression_result(&rules->cfa, false, read_register, unwinder, cfa);
    if (rules->cfa.kind != GW_RULE_IN_REGISTER || !read_register(unwinder, rules->cfa_register, cfa)) return false;
    *cfa += (uintptr_t)rules->cfa.number;
    return true;
}

/* Where the caller's register `reg` is; NULL: not known. */
static uintptr_t *home_by_rule(const struct gw_unwinder *unwinder, const struct gw_frame_rule *rule, unsigned reg, uintptr_t cfa)
{
    uintptr_t place = cfa;
    bool preserved = reg < GW_DWARF_GENERAL && gw_saved_register_of_dwarf(reg) >= 0;
    switch ((enum gw_rule_kind)rule->kind) {
    case GW_RULE_UNSPECIFIED: return preserved ? unwinder->home[reg] : NULL;
    case GW_RULE_SAME: return unwinder->home[reg];
    case GW_RULE_SAVED: return (uintptr_t *)(cfa + (uintptr_t)rule->number);
    case GW_RULE_SAVED_AT: return gw_expression_result(rule, true, read_register, unwinder, &place) ? (uintptr_t *)place : NULL;
    case GW_RULE_IN_REGISTER: return (uint64_t)rule->number < GW_DWARF_GENERAL ? unwinder->home[rule->number] : NULL;
    case GW_RULE_UNDEFINED:
    case GW_RULE_IS:
    case GW_RULE_IS_RESULT: break;
    }
    return NULL;
}

/* The caller's stack pointer is the CFA, unless a rule says otherwise, as a signal's frame does. */
static bool caller_sp(const struct gw_unwinder *unwinder, const struct gw_frame_rule *rule, uintptr_t cfa, uintptr_t *sp)
{
    *sp = cfa;
    if (rule->kind == GW_RULE_UNSPECIFIED) return true;
    if (rule->kind == GW_RULE_IS) return *sp += (uintptr_t)rule->number, true;
    if (rule->kind == GW_RULE_IS_RESULT) return gw_expression_result(rule, true, read_register, unwinder, sp);
    const uintptr_t *home = rule->kind == GW_RULE_SAME ? NULL : home_by_rule(unwinder, rule, GW_DWARF_SP, cfa);
    if (!home) return false;
    *sp = *home;
    return true;
}

/* Where the return address is; NULL: not known. Where calls put it into a register, a frame that has called somebody has saved it, or it
 * is gone. */
static const uintptr_t *return_address(const struct gw_unwinder *unwinder, const struct gw_frame_rules *rules, bool called, uintptr_t cfa)
{
    const uintptr_t *home = home_by_rule(unwinder, &rules->registers[GW_DWARF_RETURN], GW_DWARF_RETURN, cfa);
    return called && GW_DWARF_RETURN < GW_DWARF_GENERAL && home == unwinder->home[GW_DWARF_RETURN % GW_DWARF_GENERAL] ? NULL : home;
}

/* Puts the cursor on the caller. `called`: the frame was left by a call, and not interrupted. */
static enum gw_unwound leave_by_rules(struct gw_unwinder *unwinder, const struct gw_frame_rules *rules, bool called)
{
    if (rules->registers[GW_DWARF_RETURN].kind == GW_RULE_UNDEFINED) return GW_UNWOUND_END;
    struct gw_unwinder caller = {.interrupted = unwinder->interrupted};
    uintptr_t cfa;
    if (!evaluate_cfa(unwinder, rules, &cfa)) return GW_UNWOUND_NO_INFO;
    const uintptr_t *pc = return_address(unwinder, rules, called, cfa);
    if (!pc || !caller_sp(unwinder, &rules->registers[GW_DWARF_SP], cfa, &caller.sp)) return GW_UNWOUND_NO_INFO;
    caller.pc = gw_code_address(*pc);
    for (unsigned reg = 0; reg < GW_DWARF_GENERAL; reg++)
        if (reg != GW_DWARF_SP) caller.home[reg] = home_by_rule(unwinder, &rules->registers[reg], reg, cfa);
    *unwinder = caller;
    return caller.pc ? GW_UNWOUND_FRAME : GW_UNWOUND_END; /* stacks made by hand end in a null return address */
}

/* False: some register that calls preserve has no home. */
static bool hand_over(const struct gw_unwinder *unwinder, struct gw_machine_frame *frame)
{
    bool complete = true;
    for (enum gw_saved_register r = 0; r < GW_SAVED_REGISTERS; r++) {
        frame->home[r] = unwinder->home[gw_dwarf_of_saved_register(r)];
        complete &= frame->home[r] != NULL;
    }
    frame->pc = unwinder->pc;
    frame->sp = unwinder->sp;
    return complete;
}

/* Nobody has called from there: the place before belongs to no function, and one begins at the return address. makecontext lays out the
 * outermost frame of a stack so, with an address to return to and no caller. */
static bool is_laid_out(uintptr_t pc)
{
    struct gw_unwind_program program;
    return gw_unwind_find(pc, &program) && program.start == pc;
}

/* The loader's first function has no unwind information: it calls the constructors of libraries from where the program was entered. */
static bool is_where_entered(uintptr_t sp)
{
    enum { LOADER_FRAME = 128 }; /* bytes, and more than it needs to align its calls */
    return gw_os_entered_at() - sp < LOADER_FRAME;
}

static bool is_outermost(const struct gw_unwinder *unwinder, const struct gw_machine_frame *frame)
{
    return is_where_entered(frame->sp) || (!unwinder->interrupted && is_laid_out(frame->pc));
}

/* Without unwind information: a signal's frame says by itself what it interrupted. */
static enum gw_unwound leave_unknown(struct gw_unwinder *unwinder, struct gw_machine_frame *frame)
{
    uintptr_t *registers = is_outermost(unwinder, frame) || unwinder->interrupted ? NULL : gw_signal_registers(frame->pc, frame->sp);
    if (!registers) return is_outermost(unwinder, frame) ? GW_UNWOUND_END : GW_UNWOUND_NO_INFO;
    *unwinder = (struct gw_unwinder){.interrupted = true, .sp = registers[GW_DWARF_SP], .pc = registers[GW_DWARF_SP + 1]};
    for (unsigned reg = 0; reg < GW_DWARF_SP; reg++) unwinder->home[reg] = &registers[reg];
    return hand_over(unwinder, frame) ? GW_UNWOUND_FRAME : GW_UNWOUND_NO_INFO;
}

enum gw_unwound gw_unwinder_step(struct gw_unwinder *unwinder, struct gw_machine_frame *frame)
{
    struct gw_unwind_program program;
    struct gw_frame_rules rules;
    uintptr_t place = unwinder->interrupted ? frame->pc : frame->pc - 1; /* the call, not what follows it */
    unwinder->pc = frame->pc;
    if (!gw_unwind_find(place, &program)) return leave_unknown(unwinder, frame);
    if (!gw_frame_rules_at(&program, place, &rules)) return GW_UNWOUND_NO_INFO;
    bool called = !unwinder->interrupted;
    unwinder->interrupted = program.is_signal;
    uintptr_t sp = frame->sp;
    enum gw_unwound left = leave_by_rules(unwinder, &rules, called);
    if (left != GW_UNWOUND_FRAME) return left;
    if (!hand_over(unwinder, frame)) return GW_UNWOUND_NO_INFO;
    return frame->sp <= sp && !unwinder->interrupted ? GW_UNWOUND_NO_INFO : left; /* a signal may have its own stack */
}
