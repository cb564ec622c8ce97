// Unions of references and numbers: what is refused, and that what the message says to write instead compiles.
// RUN: refused %gwcc -O0 -g -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -g -c %s -o %t 2>&1 | %check
// RUN: for level in 0 2; do %gwcc -DREMEDY -Wall -Wextra -Werror -O$level -c %s -o %t; done
#include <greywave/greywave.h>

enum { NUMBER, NODE };
struct node {
    struct node GW *next;
    long value;
};
struct value {
    uint32_t kind;
    union {
        double number;
        struct node GW *node;
    } u;
};
struct cell {
    struct node GW *plain;
    struct value value;
};
void may_collect(void);

#ifndef REMEDY
// CHECK-DAG: error: greywave: type 'gw_type_cell': contains a union, which hides references; declare it with GW_TYPE_TAGGED (a field tells which member it is), GW_TYPE_TRACED (a function does), or GW_UNION_OF_REFERENCES [{{.*}}refuse-unions.c:[[@LINE+1]]: variable 'gw_type_cell']
GW_TYPE(cell, struct cell);
// CHECK-DAG: error: greywave: type 'gw_type_forgets' misses the reference at offset 0 of the object; list every GW field
GW_TYPE_TAGGED(forgets, struct cell, GW_WHEN(value.kind, NODE, value.u.node));
struct cells {
    uint64_t length;
    struct cell at[];
};
struct half {
    uint32_t kind;
    union {
        struct {
            struct node GW *left, *right;
        } pair;
        int64_t number;
    } u;
};
// CHECK-DAG: error: greywave: type 'gw_type_half' misses the reference at offset 16 of the object; list every GW field
GW_TYPE_TAGGED(half, struct half, GW_WHEN(kind, 1, u.pair.left));
struct half GW *half(void) { return gw_new(half); }
#ifdef VALUE
// RUN: refused %gwcc -DVALUE -c %s -o %t 2>&1 | %filecheck --check-prefix=VALUE %s
// VALUE: the tag 'kind' of struct narrow never has the value 300
struct narrow {
    uint8_t kind;
    union {
        struct node GW *node;
        int64_t number;
    } u;
};
GW_TYPE_TAGGED(narrow, struct narrow, GW_WHEN(kind, 300, u.node));
#endif
// CHECK-DAG: error: greywave: type 'gw_type_cells' misses the reference at offset 0 of the element; list every GW field
GW_TYPE_TAGGED_ARRAY(cells, struct cells, length, at, GW_WHEN(at[0].value.kind, NODE, at[0].value.u.node));
#else
GW_TYPE_TAGGED(cell, struct cell, GW_PLAIN(plain), GW_WHEN(value.kind, NODE, value.u.node));
static void trace_cell(void *payload, struct gw_tracer *tracer)
{
    gw_trace_edge(tracer, &((struct cell *)payload)->plain);
}
GW_TYPE_TRACED(traced, struct cell, trace_cell);
GW_TYPE(also_traced, struct cell, GW_TRACE(trace_cell), GW_ALIGN(16));
#endif

void make(void GW *GW *out)
{
    out[0] = gw_new(cell);
#ifdef REMEDY
    out[1] = gw_new(traced), out[2] = gw_new(also_traced);
#else
    out[1] = gw_new(forgets), out[2] = gw_new_array(cells, 3);
#endif
}

void kept_in_a_variable(struct cell GW *to, const struct cell GW *from)
{
#ifndef REMEDY
    // CHECK-DAG: refuse-unions.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none, where they would not be followed; declare it with a type that shows them, or copy the field that is meant, and of a tagged union its tag and one member
    struct value value = from->value;
    may_collect();
    // CHECK-DAG: refuse-unions.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    to->value = value;
#else
    uint32_t kind = from->value.kind;
    struct node GW *node = kind == NODE ? from->value.u.node : NULL;
    double number = kind == NODE ? 0 : from->value.u.number;
    may_collect();
    if (kind == NODE) to->value.u.node = node;
    else to->value.u.number = number;
    to->value.kind = kind;
#endif
}

void set_in_a_variable(struct node GW *node, struct cell GW *to)
{
#ifndef REMEDY
    struct value value;
    value.kind = NODE;
    // CHECK-DAG: refuse-unions.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a variable whose type does not show one there; declare the variable with the type of what it holds (no union but one of GW_UNION_OF_REFERENCES, no byte buffer)
    value.u.node = node;
    may_collect();
    to->value.kind = value.kind;
#else
    struct {
        uint32_t kind;
        struct node GW *node;
        double number;
    } value = {NODE, node, 0};
    may_collect();
    to->value.u.node = value.node;
    to->value.kind = value.kind;
#endif
}

union key {
    struct node GW *node;
    struct cell GW *cell;
};
#ifdef REMEDY
GW_UNION_OF_REFERENCES(union key);
#else
union wrong {
    long number;
    struct node GW *node;
};
// CHECK-DAG: error: greywave: a union that is declared with GW_UNION_OF_REFERENCES has a member that is no reference; for references and numbers use GW_TYPE_TAGGED or GW_TYPE_TRACED [{{.*}}refuse-unions.c:[[@LINE+1]]: variable '
GW_UNION_OF_REFERENCES(union wrong);
// What shows a reference and has a number besides is believed, and the number is refused where it is seen.
union either {
    struct node GW *node;
    long number;
};
GW_UNION_OF_REFERENCES(union either);
long number_among_references(long n)
{
    union either either;
    // CHECK-DAG: refuse-unions.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs, which the collector would follow; store references as GW pointers, and words by gw_immediate_word
    either.number = n;
    may_collect();
    return either.node != NULL;
}
#endif
// CHECK-DAG: error: greywave: local variable holds references that cannot be found: its type contains a union with a member as large as a reference, of which the compiler's code shows one member alone; declare it with GW_UNION_OF_REFERENCES if all members are references, else use a struct in place of the union, or words (gw_immediate_word)
long union_of_references(struct node GW *node)
{
    union key keys[2] = {{.node = node}};
    may_collect();
    return keys[0].node->value;
}
