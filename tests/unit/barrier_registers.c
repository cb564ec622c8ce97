/* gw_barrier_slow preserves every register but r11: compiled code keeps values in all others across it. */
#include "heap_fixture.h"

#include <string.h>

/* General registers but rsp, rbp (kept by the caller) and r11; then sixteen vector registers. */
struct registers {
    uint64_t general[13];
    uint64_t vector[16][2];
};

void call_barrier_with_registers(void *object, void *slot, struct registers *in, struct registers *out);
__asm__(".text\n"
        "call_barrier_with_registers:\n"
        "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n  push %rcx\n"
        "  mov %rdx, %rbp\n"
        "  movups 104(%rbp), %xmm0\n  movups 120(%rbp), %xmm1\n  movups 136(%rbp), %xmm2\n  movups 152(%rbp), %xmm3\n"
        "  movups 168(%rbp), %xmm4\n  movups 184(%rbp), %xmm5\n  movups 200(%rbp), %xmm6\n  movups 216(%rbp), %xmm7\n"
        "  movups 232(%rbp), %xmm8\n  movups 248(%rbp), %xmm9\n  movups 264(%rbp), %xmm10\n  movups 280(%rbp), %xmm11\n"
        "  movups 296(%rbp), %xmm12\n  movups 312(%rbp), %xmm13\n  movups 328(%rbp), %xmm14\n  movups 344(%rbp), %xmm15\n"
        "  mov %rdi, 32(%rbp)\n  mov %rsi, 40(%rbp)\n" /* rdi and rsi keep the arguments */
        "  mov 0(%rbp), %rax\n  mov 8(%rbp), %rbx\n  mov 16(%rbp), %rcx\n  mov 24(%rbp), %rdx\n"
        "  mov 48(%rbp), %r8\n  mov 56(%rbp), %r9\n  mov 64(%rbp), %r10\n  mov 72(%rbp), %r12\n"
        "  mov 80(%rbp), %r13\n  mov 88(%rbp), %r14\n  mov 96(%rbp), %r15\n"
        "  call gw_barrier_slow\n"
        "  mov (%rsp), %rbp\n"
        "  mov %rax, 0(%rbp)\n  mov %rbx, 8(%rbp)\n  mov %rcx, 16(%rbp)\n  mov %rdx, 24(%rbp)\n"
        "  mov %rdi, 32(%rbp)\n  mov %rsi, 40(%rbp)\n"
        "  mov %r8, 48(%rbp)\n  mov %r9, 56(%rbp)\n  mov %r10, 64(%rbp)\n  mov %r12, 72(%rbp)\n"
        "  mov %r13, 80(%rbp)\n  mov %r14, 88(%rbp)\n  mov %r15, 96(%rbp)\n"
        "  movups %xmm0, 104(%rbp)\n  movups %xmm1, 120(%rbp)\n  movups %xmm2, 136(%rbp)\n  movups %xmm3, 152(%rbp)\n"
        "  movups %xmm4, 168(%rbp)\n  movups %xmm5, 184(%rbp)\n  movups %xmm6, 200(%rbp)\n  movups %xmm7, 216(%rbp)\n"
        "  movups %xmm8, 232(%rbp)\n  movups %xmm9, 248(%rbp)\n  movups %xmm10, 264(%rbp)\n  movups %xmm11, 280(%rbp)\n"
        "  movups %xmm12, 296(%rbp)\n  movups %xmm13, 312(%rbp)\n  movups %xmm14, 328(%rbp)\n  movups %xmm15, 344(%rbp)\n"
        "  pop %rcx\n  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
        "  ret\n");

static void check_registers(void *object, void *slot)
{
    struct registers in, out;
    for (size_t i = 0; i < sizeof in / 8; i++) ((uint64_t *)&in)[i] = UINT64_C(0x1111222233330000) + i;
    memset(&out, 0, sizeof out);
    call_barrier_with_registers(object, slot, &in, &out);
    for (size_t i = 0; i < 13; i++) cr_assert_eq(out.general[i], in.general[i], "general register %zu", i);
    for (size_t i = 0; i < 16; i++) cr_assert_arr_eq(out.vector[i], in.vector[i], 16, "vector register %zu", i);
}

Test(barrier_registers, given_an_object_when_recorded_then_registers_are_kept)
{
    struct gw_heap *heap = start_heap(NULL);
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    check_registers(roots[0], roots[0]);
    cr_assert_eq(heap->recorded.remembered_count, 1);
}

Test(barrier_registers, given_a_card_array_when_recorded_then_registers_are_kept)
{
    struct gw_heap *heap = start_heap(NULL);
    roots[0] = gw_new_array(references, 100000);
    check_registers(roots[0], &((struct references *)roots[0])->at[77777]);
    cr_assert_eq(heap->recorded.array_count, 1);
}

static struct {
    uint64_t header;
    struct node node;
} prebuilt = {(uintptr_t)&gw_type_node + (GW_HEADER_STATIC | GW_HEADER_TRACK), {0}};

Test(barrier_registers, given_a_static_object_when_recorded_then_registers_are_kept)
{
    struct gw_heap *heap = start_heap(NULL);
    check_registers(&prebuilt.node, &prebuilt.node.left);
    cr_assert_eq(heap->recorded.static_count, 1);
}
