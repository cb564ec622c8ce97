// Inline functions and variables with references, defined in two files: one copy's code, maps and roots are kept.
#include "inline_functions.h"
#include <atomic>

// std::atomic passes what it expects by its address, through functions that are inlined or not.
static std::atomic<node GW *> top;

__attribute__((noinline)) static void push(node GW *pushed)
{
    node GW *old = top.load();
    do pushed->next = old;
    while (!top.compare_exchange_weak(old, pushed));
}

static int64_t atomics_by_inline_functions()
{
    std::atomic<node GW *> local{nullptr};
    for (int64_t i = 0; i < 4; i++) {
        push(node_make(i, nullptr));
        churn();
        local.store(top.load());
    }
    node GW *all = local.exchange(nullptr);
    churn();
    int64_t sum = 0;
    for (; all; all = all->next) sum = sum * 10 + all->value;
    return sum;
}

// Named like a type of the other file, and different.
struct twin {
    int64_t number;
    struct node GW *only;
};
GW_TYPE(twin, struct twin);

static void check_types()
{
    CHECK(other_file_says_node(node_make(1, NULL)));
    CHECK(!other_file_says_node(gw_new(twin)));
    CHECK(twin_of_the_other_file() != &gw_type_twin);
    CHECK(gw_type_of(gw_new(twin)) == &gw_type_twin);
}

int main()
{
    start(NULL);
    check_types();
    for (int64_t i = 0; i < 6; i++) {
        CHECK(holder<3>::put(i) == i);
        CHECK(from_the_other_file(i) == i + 100);
        churn();
        CHECK(holder<3>::at[i % 3]->value == i + 100 && holder<3>::at[i % 3]->next->value == i);
        CHECK(shared_variable == holder<3>::at[i % 3]);
    }
    CHECK(remembered(7)->next == shared_variable);
    CHECK(atomics_by_inline_functions() == 3210);
    CHECK(gw_verify() == GW_OK);
    puts("inline functions: one of each");
    return 0;
}
