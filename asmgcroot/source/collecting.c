#include "source/collecting.h"
#include "source/leaf_calls.h"

/* A function of the program's may have the name of one of the C library's. */
bool callee_may_collect(const struct source *source, struct text callee, bool bound)
{
    const struct known_function *known = source_known(source, callee);
    if (known && known->declared) return false;
    if (known && known->read && (bound || !known->never_collects)) return !known->never_collects;
    return !is_leaf_call(callee);
}

bool may_collect(const struct source *source, const struct instruction *call)
{
    const struct operand *callee = &call->op[0];
    return !call->operand_count || !is_named(callee) || callee_may_collect(source, symbol_of(callee), is_bound(callee));
}
