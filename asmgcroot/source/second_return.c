#include "source/second_return.h"

/* By the names that GCC goes by: with up to two underscores in front. */
static bool keeps_registers(struct text name)
{
    for (unsigned i = 0; i < 2 && name.size && *name.at == '_'; i++) name = (struct text){name.at + 1, name.size - 1};
    return text_equal(name, TEXT("setjmp")) || text_equal(name, TEXT("sigsetjmp")) || text_equal(name, TEXT("getcontext")) ||
           text_equal(name, TEXT("savectx"));
}

/* The registers of a parent that waits in vfork are the system's. */
bool returns_twice(struct text name)
{
    return keeps_registers(name) || text_equal(name, TEXT("vfork"));
}

static bool leads_away(const struct function *function, uint32_t at)
{
    return function->instructions.at[at].operation == OP_CALL || function_leaves_by_jump(function, at);
}

/* -mcmodel=large, and -fno-plt where there are several calls: a register holds the address. */
static bool takes_address(const struct function *function)
{
    for (uint32_t i = 0; i < function->instructions.count; i++) {
        const struct instruction *instruction = &function->instructions.at[i];
        if (leads_away(function, i)) continue;
        for (unsigned o = 0; o < instruction->operand_count; o++)
            if (instruction->op[o].symbolic && keeps_registers(symbol_of(&instruction->op[o]))) return true;
    }
    return false;
}

static void check_call(const struct function *function, const struct instruction *call, struct complaints *complaints)
{
    unsigned missing = CALLEE_SAVED & ~(call->cfa.base == NO_REGISTER ? 0u : call->cfa.saved);
    if (!missing) return;
    complain(complaints, function_where(function, call),
             "calls setjmp, or a function like it, and has not put its caller's %s into its frame: longjmp would give the caller back "
             "an old reference; write __builtin_unwind_init(); in this function",
             register_name((unsigned)__builtin_ctz(missing)));
}

void check_second_returns(const struct function *function, struct complaints *complaints)
{
    if (!function->comes_back) return;
    bool by_address = takes_address(function);
    for (uint32_t i = 0; i < function->instructions.count; i++) {
        const struct instruction *call = &function->instructions.at[i];
        if (!leads_away(function, i)) continue;
        bool named = call->operand_count && is_named(&call->op[0]);
        if (named ? keeps_registers(symbol_of(&call->op[0])) : by_address) check_call(function, call, complaints);
    }
}
