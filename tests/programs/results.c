/* Calls whose results a statepoint cannot carry: of variadic functions, long doubles, and vectors that code generation returns in memory.
 */
#include "check.h"
#include <complex.h>
#include <stdarg.h>

#define APART __attribute__((noinline))

struct two {
    struct node GW *a, *b;
};
struct big {
    long words[5];
};

/* `kinds`: i for int, d for double, l for long, b for struct big. Collects before each. */
APART static double sum(const char *kinds, ...)
{
    double total = 0;
    va_list arguments;
    va_start(arguments, kinds);
    for (; *kinds; kinds++) {
        churn();
        switch (*kinds) {
        case 'i': total += va_arg(arguments, int); break;
        case 'd': total += va_arg(arguments, double); break;
        case 'l': total += (double)va_arg(arguments, long); break;
        case 'b': total += (double)va_arg(arguments, struct big).words[4]; break;
        }
    }
    va_end(arguments);
    return total;
}

APART static struct node GW *append(struct node GW *list, int count, ...)
{
    va_list arguments;
    va_start(arguments, count);
    for (int i = 0; i < count; i++) list = node_make(va_arg(arguments, int), list);
    va_end(arguments);
    return list;
}

APART static struct two twice(struct node GW *node, ...)
{
    churn();
    return (struct two){node, node_make(node->value + 1, node)};
}

APART static long double scaled(struct node GW *node, long double factor)
{
    struct node GW *copy = node_make(node->value, NULL);
    return (long double)copy->value * factor;
}

APART static _Complex long double turned(struct node GW *node)
{
    churn();
    return (long double)node->value * 1.0il;
}

/* Their convention depends on -mavx, which all of this file has or has not. */
#pragma GCC diagnostic ignored "-Wpsabi"
typedef double wide __attribute__((ext_vector_type(16)));
typedef float odd __attribute__((ext_vector_type(5)));
typedef long fitting __attribute__((ext_vector_type(2)));

#define DEFINE_FILLED(T, E)                                                                                                                \
    APART static T filled_##T(struct node GW *node)                                                                                        \
    {                                                                                                                                      \
        T filled = 1;                                                                                                                      \
        churn();                                                                                                                           \
        filled[1] = (E)node->value;                                                                                                        \
        return filled;                                                                                                                     \
    }
DEFINE_FILLED(wide, double)
DEFINE_FILLED(odd, float)
DEFINE_FILLED(fitting, long)

static void vector_results(void)
{
    struct node GW *kept = node_make(3, NULL);
    wide (*volatile pointer)(struct node GW *) = filled_wide;
    wide first = filled_wide(kept), second = pointer(kept);
    odd third = filled_odd(kept);
    fitting fourth = filled_fitting(kept);
    CHECK(first[1] == 3 && first[15] == 1 && second[1] == 3 && third[1] == 3 && third[4] == 1 && fourth[1] == 3);
    CHECK(kept->value == 3);
}

static void variadic_results(void)
{
    struct node GW *kept = node_make(3, NULL);
    struct big big = {{0, 0, 0, 0, 5}};
    double (*volatile pointer)(const char *, ...) = sum;
    CHECK(sum("idlidddddddddb", 1, 0.5, 2L, 4, 1., 2., 3., 4., 5., 6., 7., 8., 9., big) == 57.5);
    CHECK(pointer("ddi", 1.5, 2.5, 3) == 7);
    struct node GW *list = append(kept, 3, 10, 20, 30);
    CHECK(list->value == 30 && list->next->next->next == kept && kept->value == 3);
    struct two two = twice(kept, 1, 2.0);
    CHECK(two.a == kept && two.b->value == 4 && two.b->next == kept);
}

static void long_double_results(void)
{
    struct node GW *kept = node_make(3, NULL);
    long double (*volatile pointer)(struct node GW *, long double) = scaled;
    CHECK(scaled(kept, 0.25L) == 0.75L && pointer(kept, 2) == 6);
    _Complex long double around = turned(kept);
    CHECK(creall(around) == 0 && cimagl(around) == 3 && kept->value == 3);
}

int main(void)
{
    start(NULL);
    for (int i = 0; i < 5; i++) {
        variadic_results();
        long_double_results();
        vector_results();
    }
    CHECK(gw_verify() == GW_OK);
    puts("results: all precise");
    return 0;
}
