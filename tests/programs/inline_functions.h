// Inline functions, templates and variables that two files define and the linker keeps one of.
#ifndef GW_PROGRAMS_INLINE_FUNCTIONS_H
#define GW_PROGRAMS_INLINE_FUNCTIONS_H

#include "check.h"

inline struct node GW *shared_variable;

__attribute__((noinline)) inline struct node GW *remembered(int64_t value)
{
    static struct node GW *last;
    struct node GW *node = node_make(value, last);
    churn();
    last = node;
    return node;
}

template <int N> struct holder {
    static struct node GW *at[N];
    __attribute__((noinline)) static int64_t put(int64_t value)
    {
        struct node GW *node = remembered(value);
        churn();
        at[value % N] = node;
        return node->value;
    }
};
template <int N> struct node GW *holder<N>::at[N];

int64_t from_the_other_file(int64_t value);

// The type of check.h's header is one type in both files; each file has a `twin` of its own.
bool other_file_says_node(void GW *object);
const struct gw_type *twin_of_the_other_file();

#endif
