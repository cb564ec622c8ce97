/* The doors of the write barrier's slow path preserve every register, and need no aligned stack: compiled code keeps
 * values in all registers across a barrier, and calls the door of the register that holds the object. */
#include "heap_fixture.h"

#include <string.h>

/* rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 to r15; then sixteen vector registers. */
enum { GENERAL = 15, RSI = 4, RDI = 5, VECTOR = 16 };
struct registers {
    uint64_t general[GENERAL];
    uint64_t vector[VECTOR][2];
};

/* What enter_door reads and writes; the assembler below knows their names. `pushed` is pushed when the door pops a
 * word. */
struct registers door_in, door_out;
uint64_t door_shift, door_pushed, door_stack[2];
const void *door;

/* clang-format off */
#define EACH_GENERAL(_) \
    _(0, rax) _(8, rbx) _(16, rcx) _(24, rdx) _(32, rsi) _(40, rdi) _(48, rbp) _(56, r8) _(64, r9) _(72, r10) \
    _(80, r11) _(88, r12) _(96, r13) _(104, r14) _(112, r15)
#define EACH_VECTOR(_) \
    _(120, xmm0) _(136, xmm1) _(152, xmm2) _(168, xmm3) _(184, xmm4) _(200, xmm5) _(216, xmm6) _(232, xmm7) \
    _(248, xmm8) _(264, xmm9) _(280, xmm10) _(296, xmm11) _(312, xmm12) _(328, xmm13) _(344, xmm14) _(360, xmm15)
#define LOAD(offset, name) "  mov door_in+" #offset "(%rip), %" #name "\n"
#define STORE(offset, name) "  mov %" #name ", door_out+" #offset "(%rip)\n"
#define LOAD_VECTOR(offset, name) "  movups door_in+" #offset "(%rip), %" #name "\n"
#define STORE_VECTOR(offset, name) "  movups %" #name ", door_out+" #offset "(%rip)\n"
#define ENTER(name, push) \
    #name ":\n" \
    "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n" \
    "  sub door_shift(%rip), %rsp\n  mov %rsp, door_stack(%rip)\n" push EACH_GENERAL(LOAD) EACH_VECTOR(LOAD_VECTOR) \
    "  call *door(%rip)\n" EACH_GENERAL(STORE) EACH_VECTOR(STORE_VECTOR) \
    "  mov %rsp, door_stack+8(%rip)\n  add door_shift(%rip), %rsp\n" \
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n" \
    "  ret\n"
/* clang-format on */

void enter_door(void);
void enter_door_with_slot(void);
__asm__(".text\n" ENTER(enter_door, "") ENTER(enter_door_with_slot, "  push door_pushed(%rip)\n"));

#define DECLARE(offset, name) extern const char gw_barrier_slow_##name[], gw_barrier_slow_slot_##name[];
#define FRONT(offset, name) gw_barrier_slow_##name,
#define SLOT(offset, name) gw_barrier_slow_slot_##name,
EACH_GENERAL(DECLARE)
static const void *const front_doors[GENERAL] = {EACH_GENERAL(FRONT)};
static const void *const slot_doors[GENERAL] = {EACH_GENERAL(SLOT)};

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

/* Calls `check` for the doors of all registers, with both alignments of the stack. */
static void at_each_door(void (*check)(size_t which))
{
    for (door_shift = 0; door_shift <= 8; door_shift += 8)
        for (size_t which = 0; which < GENERAL; which++) check(which);
}

static void enter_front(size_t which)
{
    fill_registers();
    door_in.general[which] = (uintptr_t)roots[0];
    check_registers(enter_door, front_doors[which]);
}

static void enter_slot(size_t which, void *slot)
{
    fill_registers();
    door_in.general[which] = (uintptr_t)roots[0];
    door_pushed = (uintptr_t)slot;
    check_registers(enter_door_with_slot, slot_doors[which]);
}

static void enter_as_function(void *object, void *slot)
{
    fill_registers();
    door_in.general[RDI] = (uintptr_t)object;
    door_in.general[RSI] = (uintptr_t)slot;
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
