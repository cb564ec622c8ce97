/* The doors of the write barrier's slow path preserve every register, and need no aligned stack: compiled code keeps
 * values in all registers across a barrier, and calls the door of the register that holds the object. */
#include "heap_fixture.h"

#include <string.h>

#if defined(__x86_64__)
#include "barrier_doors_x86_64.h"
#else
#include "barrier_doors_aarch64.h"
#endif

static void fill_registers(void)
{
    for (size_t i = 0; i < sizeof door_in / 8; i++) ((uint64_t *)&door_in)[i] = UINT64_C(0x1111222233330000) + i;
    memset(&door_out, 0, sizeof door_out);
}

static void check_registers(void (*enter)(void), const void *which)
{
    door = which;
    enter();
    for (size_t i = 0; i < GENERAL; i++) cr_assert_eq(door_out.general[i], door_in.general[i], "general register %zu", i);
    for (size_t i = 0; i < VECTOR; i++) cr_assert_arr_eq(door_out.vector[i], door_in.vector[i], 16, "vector register %zu", i);
    cr_assert_eq(door_stack[0], door_stack[1], "the stack pointer");
}

/* Calls `check` for the doors of all registers, with each alignment of the stack that code may have. */
static void at_each_door(void (*check)(size_t which))
{
    for (door_shift = 0; door_shift < 16; door_shift += STACK_ALIGNMENT)
        for (size_t which = 0; which < DOORS; which++) check(which);
}

static void enter_front(size_t which)
{
    fill_registers();
    door_in.general[object_register(which)] = (uintptr_t)roots[0];
    check_registers(enter_door, front_doors[which]);
}

static void enter_slot(size_t which, void *slot)
{
    fill_registers();
    door_in.general[object_register(which)] = (uintptr_t)roots[0];
    *place_of_slot() = (uintptr_t)slot;
    check_registers(enter_door_with_slot, slot_doors[which]);
}

static void enter_as_function(void *object, void *slot)
{
    fill_registers();
    door_in.general[FIRST_ARGUMENT] = (uintptr_t)object;
    door_in.general[SECOND_ARGUMENT] = (uintptr_t)slot;
    check_registers(enter_door, (const void *)gw_barrier_slow);
}

/* ---- An object ------------------------------------------------------------------------------------- */

static struct gw_heap *heap;

static void record_object(size_t which)
{
    gw_collect(GW_MINOR);
    enter_front(which);
    cr_assert_eq(heap->recorded.remembered_count, 1);
    enter_slot(which, roots[0]);
    enter_front(which);
    cr_assert_eq(heap->recorded.remembered_count, 1, "it was recorded already");
}

Test(barrier_registers, given_an_object_when_recorded_then_registers_are_kept)
{
    heap = start_heap(NULL);
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    at_each_door(record_object);
    gw_collect(GW_MINOR);
    enter_as_function(roots[0], roots[0]);
    cr_assert_eq(heap->recorded.remembered_count, 1);
}

/* ---- An array with cards --------------------------------------------------------------------------- */

static void *element(size_t index)
{
    return &((struct references *)roots[0])->at[index];
}

static bool is_dirty(size_t index)
{
    return *gw_card(&heap->recorded, (uintptr_t)element(index)) != 0;
}

static void record_element(size_t which)
{
    gw_collect(GW_MINOR);
    cr_assert(!is_dirty(77777));
    enter_slot(which, element(77777));
    cr_assert(is_dirty(77777) && !is_dirty(77777 + 64) && !is_dirty(77777 - 64));
    enter_slot(which, element(500)); /* the array is listed now */
    enter_slot(which, element(500)); /* and the card dirty */
    cr_assert(is_dirty(500));
    cr_assert_eq(heap->recorded.listed_count, 1);
}

static void record_front(size_t which)
{
    gw_collect(GW_MINOR);
    enter_front(which);
    size_t last = 512 / 8 - 2; /* behind the length */
    cr_assert(is_dirty(0) && is_dirty(last) && !is_dirty(last + 64));
    enter_front(which);
    cr_assert_eq(heap->recorded.listed_count, 1);
}

Test(barrier_registers, given_a_card_array_when_an_element_is_recorded_then_registers_are_kept)
{
    heap = start_heap(NULL);
    roots[0] = gw_new_array(references, 100000);
    at_each_door(record_element);
    gw_collect(GW_MINOR);
    enter_as_function(roots[0], element(77777));
    cr_assert_eq(heap->recorded.listed_count, 1);
}

Test(barrier_registers, given_a_card_array_when_its_front_is_recorded_then_its_first_cards_are_dirty)
{
    heap = start_heap(NULL);
    roots[0] = gw_new_array(references, 100000);
    at_each_door(record_front);
}

/* ---- A static object ------------------------------------------------------------------------------- */

static struct {
    uint64_t header;
    struct node node;
} prebuilt = {(uintptr_t)&gw_type_node + (GW_HEADER_STATIC | GW_HEADER_TRACK), {0}};

Test(barrier_registers, given_a_static_object_when_recorded_then_registers_are_kept)
{
    heap = start_heap(NULL);
    roots[0] = &prebuilt.node;
    at_each_door(enter_front);
    enter_as_function(&prebuilt.node, &prebuilt.node.left);
    cr_assert_eq(heap->recorded.static_count, 1);
}
