// Exceptions on stacks of the runtime's: thrown and caught there, also while another stack handles one of its own.
#include "check.h"

#include <exception>
#include <stdexcept>

static struct node GW *node(void GW *reference)
{
    return (struct node GW *)reference;
}

__attribute__((noinline)) static void throw_deep(struct node GW *kept, int depth)
{
    struct node GW *own = node_make(depth, kept);
    if (depth == 0) throw std::runtime_error("deep");
    throw_deep(own, depth - 1);
    CHECK(own->value == depth);
}

static void GW *catches(void GW *argument, void GW *)
{
    struct node GW *own = node(argument);
    for (int i = 0; i < 3; i++) {
        try {
            throw_deep(own, 5);
        } catch (const std::runtime_error &caught) {
            // Others throw and catch before this one is handled to its end.
            gw_stack_yield(node_make(own->value + i, own));
            CHECK(std::uncaught_exceptions() == 0);
            CHECK(strcmp(caught.what(), "deep") == 0);
            try {
                throw;
            } catch (const std::runtime_error &again) {
                CHECK(&again == &caught);
            }
        }
    }
    return own;
}

struct yields_when_destroyed {
    int *count;
    ~yields_when_destroyed()
    {
        CHECK(std::uncaught_exceptions() == 1);
        gw_stack_yield(nullptr);
        CHECK(std::uncaught_exceptions() == 1);
        ++*count;
    }
};

static void GW *yields_on_the_way(void GW *argument, void GW *)
{
    struct node GW *own = node(argument);
    int count = 0;
    try {
        yields_when_destroyed guard = {&count};
        throw_deep(own, 2);
    } catch (const std::exception &) {
        CHECK(count == 1 && own->value == 9);
    }
    return own;
}

int main()
{
    start(nullptr);
    constexpr int count = 4;
    gw_stack *stacks[count];
    for (int i = 0; i < count; i++) stacks[i] = gw_stack_new(0, catches, node_make(i * 10, nullptr));
    gw_stack *yielding = gw_stack_new(0, yields_on_the_way, node_make(9, nullptr));
    CHECK(!gw_stack_switch(yielding, nullptr));
    CHECK(std::uncaught_exceptions() == 0);
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < count; i++) {
            try {
                struct node GW *got = node(gw_stack_switch(stacks[i], nullptr));
                CHECK(got->value == i * 10 + (round < 3 ? round : 0));
                throw_deep(got, 1);
            } catch (const std::exception &caught) {
                CHECK(strcmp(caught.what(), "deep") == 0);
            }
        }
    CHECK(node(gw_stack_switch(yielding, nullptr))->value == 9 && gw_stack_is_done(yielding));
    for (gw_stack *stack : stacks) CHECK(gw_stack_is_done(stack) && gw_stack_free(stack) == GW_OK);
    puts("thrown on stacks");
}
