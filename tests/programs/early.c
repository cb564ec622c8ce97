/* Collected code that runs before the constructors of its image do. With LIBRARY the shared library whose constructor calls the executable;
 * the executable otherwise, by itself with FIRST as the attributes of what calls it that early. GCC's variables are roots from their
 * constructors on, so that there they hold nothing. */
#include "check.h"

void called_early(void);
int64_t value_in_library(void);

#ifndef __clang__
#define KEPT(node) NULL
#define IS(node, number) ((node) == NULL)
#else
#define KEPT(node) (node)
#define IS(node, number) ((node)->value == (number))
#endif

#ifdef LIBRARY
static struct node GW *of_library;

static void GW *count_up(void GW *argument, void GW *value)
{
    int64_t limit = ((struct node GW *)argument)->value;
    (void)value;
    for (int64_t i = 0; i < limit; i++) gw_stack_yield(node_make(i, NULL));
    return NULL;
}

static void run_generator(void)
{
    gw_stack *generator = gw_stack_new(0, count_up, node_make(3, NULL));
    for (int64_t i = 0; i < 3; i++) {
        struct node GW *number = gw_stack_switch(generator, NULL);
        GW_CALL(churn(), number);
        CHECK(number->value == i);
    }
    gw_stack_switch(generator, NULL);
    CHECK(gw_stack_is_done(generator));
}

__attribute__((constructor)) static void begin(void)
{
    start(NULL);
    struct node GW *kept = node_make(1, NULL);
    of_library = KEPT(node_make(2, NULL));
    GW_CALL(churn(), kept);
    CHECK(kept->value == 1 && IS(of_library, 2));
    GW_CALL(called_early(), kept);
    GW_CALL(run_generator(), kept);
    CHECK(kept->value == 1);
}

int64_t value_in_library(void)
{
    return IS(of_library, 2) ? 2 : 0;
}

#else
static struct node GW *of_executable;
struct node GW *visible;
static _Thread_local struct node GW *of_thread;

void called_early(void)
{
    struct node GW *kept = node_make(3, NULL);
    of_executable = KEPT(node_make(4, NULL));
    visible = KEPT(node_make(5, NULL));
    of_thread = KEPT(node_make(6, NULL));
    GW_CALL(churn(), kept);
    CHECK(kept->value == 3);
}

#ifdef FIRST
static void begin(void)
{
    start(NULL);
    called_early();
}
__attribute__((used, FIRST)) static void (*const first)(void) = begin;
int64_t value_in_library(void)
{
    return 2;
}
#endif

int main(void)
{
    churn();
    CHECK(value_in_library() == 2 && IS(of_executable, 4) && IS(visible, 5) && IS(of_thread, 6));
    puts("early: everything found");
    return 0;
}
#endif
