/* Whether a module that is about to go is in use: by what of the heap, found where. Frames and the linkers are tests/jit's. */
#include "heap_fixture.h"
#include "roots/modules.h"

#include <string.h>

/* What stands for a module: types, static objects, code. */
static struct {
    struct gw_type type __attribute__((aligned(16)));
    struct {
        uint64_t header;
        struct node node;
    } constants[4];
    char name[16];
    void *variable;
    char code[64];
} made;
static const struct gw_extent extents[] = {{&made, offsetof(__typeof__(made), code)}, {made.code, sizeof made.code}};

static struct gw_heap *start(void)
{
    struct gw_heap *heap = start_heap("verify=1");
    for (int i = 0; i < 4; i++) made.constants[i].header = (uintptr_t)&gw_type_node | GW_HEADER_STATIC | GW_HEADER_TRACK;
    made.type = gw_type_node;
    return heap;
}

static bool in_use(void)
{
    return gw_module_in_use(extents, 2);
}

static bool in_use_by(const char *words)
{
    bool is = in_use();
    cr_assert(!is || strstr(gw_error_text(), words), "%s", gw_error_text());
    return is;
}

Test(uses, given_a_heap_that_has_nothing_to_do_with_it_then_it_is_not_in_use)
{
    start();
    make_list(0, 100);
    cr_assert(!in_use(), "%s", gw_error_text());
}

Test(uses, given_an_object_of_its_type_then_it_is_in_use_until_the_object_is_gone)
{
    start();
    roots[0] = gw_alloc(&made.type);
    cr_assert(in_use_by("has the type 'node'"));
    gw_collect(GW_FULL); /* it is old now */
    cr_assert(in_use_by("has the type 'node'"));
    roots[0] = NULL;
    cr_assert(in_use_by("has the type 'node'"));
    gw_collect(GW_FULL);
    cr_assert(!in_use(), "%s", gw_error_text());
}

static void destroy(void *payload)
{
    (void)payload;
}

Test(uses, given_a_type_elsewhere_that_names_parts_of_it_then_it_is_in_use)
{
    static struct gw_type type;
    start();
    struct {
        struct gw_type type;
        bool uses;
    } types[] = {{gw_type_node, false}, {gw_type_node, true}, {gw_type_node, true}};
    types[0].type.destroy = destroy;
    types[1].type.name = made.name;
    types[2].type.destroy = (gw_destroy_function *)(uintptr_t)&made.code[8];
    for (int i = 0; i < 3; i++) {
        type = types[i].type;
        roots[0] = gw_alloc(&type);
        cr_assert_eq(in_use_by("has the type"), types[i].uses, "%d", i);
        type.destroy = destroy; /* that of the last one is no code */
        roots[0] = NULL;
        gw_collect(GW_FULL);
    }
}

Test(uses, given_references_to_its_static_objects_then_it_is_in_use)
{
    start();
    void *constant = &made.constants[1].node;
    gw_handle handle = gw_handle_new(constant);
    cr_assert(in_use_by("is referred to by a variable, a handle or a frame"));
    gw_handle_free(handle);
    roots[0] = new_node(1);
    GW_STORE((struct node *)roots[0], left, constant);
    cr_assert(in_use_by("the 'node' at"));
    gw_collect(GW_FULL);
    cr_assert(in_use_by("in byte 0"));
    GW_STORE((struct node *)roots[0], left, NULL);
    cr_assert(!in_use(), "%s", gw_error_text());
}

Test(uses, given_its_own_variable_that_refers_to_it_then_that_does_not_count)
{
    start();
    cr_assert_eq(gw_add_roots(&made.variable, 1), GW_OK);
    made.variable = &made.constants[2].node;
    cr_assert(!in_use(), "%s", gw_error_text());
}

Test(uses, given_an_address_of_its_code_in_an_object_then_it_is_in_use)
{
    start();
    roots[0] = new_node((uintptr_t)&made.code[5]);
    cr_assert(in_use_by("the 'node' at"));
    ((struct node *)roots[0])->number = (uintptr_t)&made.code[sizeof made.code]; /* just behind */
    cr_assert(!in_use(), "%s", gw_error_text());
    ((struct node *)roots[0])->number = (uintptr_t)&made - 1; /* just before */
    cr_assert(!in_use(), "%s", gw_error_text());
}

static void *begins(void *argument, void *value)
{
    (void)value;
    return argument;
}

Test(uses, given_a_stack_that_is_to_begin_in_it_then_it_is_in_use)
{
    start();
    gw_stack *other = gw_stack_new(0, begins, NULL);
    cr_assert(!in_use(), "%s", gw_error_text());
    gw_stack *stack = gw_stack_new(0, (gw_stack_function *)(uintptr_t)&made.code, NULL);
    cr_assert(in_use_by("is to begin in it"));
    gw_stack_free(stack);
    cr_assert(!in_use(), "%s", gw_error_text());
    gw_stack_free(other);
}

Test(uses, given_a_stack_that_has_not_begun_and_whose_argument_is_a_static_object_of_it_then_it_is_in_use)
{
    start();
    gw_stack *stack = gw_stack_new(0, begins, &made.constants[3].node);
    cr_assert(in_use_by("is referred to by a variable, a handle or a frame"));
    gw_stack_switch(stack, NULL);
    cr_assert(!in_use(), "%s", gw_error_text());
    gw_stack_free(stack);
}

Test(uses, given_a_thread_without_a_heap_then_nothing_is_in_use)
{
    cr_assert(!gw_module_in_use(extents, 2));
}

/* ---- Static objects that were written to ------------------------------------------------------------- */

Test(uses, given_static_objects_that_were_written_when_they_are_forgotten_then_they_are_roots_no_more)
{
    struct gw_heap *heap = start();
    for (int i = 0; i < 4; i++) GW_STORE(&made.constants[i].node, left, new_node(1));
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 4);
    GW_STORE(&made.constants[2].node, right, new_node(2)); /* listed as changed */
    struct gw_extent middle = {&made.constants[1], 2 * sizeof made.constants[0]};
    gw_module_forget(&middle, 1);
    cr_assert_eq(heap->recorded.static_count, 2);
    memset(&made.constants[1], 0xff, 2 * sizeof made.constants[0]); /* gone */
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 2);
    GW_STORE(&made.constants[3].node, right, new_node(3)); /* is found in the set, not added again */
    cr_assert_eq(heap->recorded.static_count, 2);
    gw_module_forget(extents, 2);
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(uses, given_thousands_of_static_objects_when_some_are_forgotten_then_each_of_the_others_is_still_known)
{
    enum { count = 5000 };
    static struct {
        uint64_t header;
        struct node node;
    } objects[count] __attribute__((aligned(16)));
    struct gw_heap *heap = start();
    for (int i = 0; i < count; i++) objects[i].header = (uintptr_t)&gw_type_node | GW_HEADER_STATIC | GW_HEADER_TRACK;
    for (int i = 0; i < count; i++) GW_STORE(&objects[i].node, left, new_node((uint64_t)i));
    for (int from = 100; from < count; from += 500) gw_module_forget(&(struct gw_extent){&objects[from], 300 * sizeof objects[0]}, 1);
    size_t left = heap->recorded.static_count;
    cr_assert_eq(left, count - 300 * 10);
    for (int i = 0; i < count; i++)
        if ((i + 400) % 500 >= 300) GW_STORE(&objects[i].node, left, NULL);
    cr_assert_eq(heap->recorded.static_count, left);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}
