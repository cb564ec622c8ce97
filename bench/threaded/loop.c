/* A threaded interpreter: each instruction is a function that jumps to the next one's (musttail), with the machine's registers in
 * arguments. Without references, or (REFERENCES) with the frame's, which lies in a collected object that handlers read and write, and that
 * some allocate. The same source with the plug-in and without: plain.c gives what is then missing. */
#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What threaded.sh replaces in the IR where another convention is wanted. */
#define HANDLER __attribute__((preserve_none))

enum { SLOTS = 8 };
struct frame {
    struct frame GW *up;
    long slot[SLOTS];
};
GW_TYPE(frame, struct frame);

#ifdef REFERENCES
typedef struct frame GW *registers;
#else
typedef struct frame *registers;
#endif

struct instruction;
typedef HANDLER long handler(const struct instruction *pc, registers frame, long a, long b);
struct instruction {
    handler *run;
    long operand;
};

#define OPERATION(name) HANDLER __attribute__((noinline)) static long name(const struct instruction *pc, registers frame, long a, long b)
#define GO(to, a, b) __attribute__((musttail)) return (to)->run((to), frame, (a), (b))

OPERATION(op_get)
{
    GO(pc + 1, frame->slot[pc->operand], b);
}
OPERATION(op_set)
{
    frame->slot[pc->operand] = a;
    GO(pc + 1, a, b);
}
OPERATION(op_move)
{
    GO(pc + 1, a, a);
}
OPERATION(op_add)
{
    GO(pc + 1, a + b, b);
}
OPERATION(op_add_number)
{
    GO(pc + 1, a + pc->operand, b);
}
OPERATION(op_shift)
{
    GO(pc + 1, (long)((unsigned long)a >> pc->operand), b);
}
OPERATION(op_mix)
{
    GO(pc + 1, a ^ b, b);
}
/* Back while a is not 0. */
OPERATION(op_again)
{
    if (a) GO(pc - pc->operand, a, b);
    GO(pc + 1, a, b);
}
OPERATION(op_end)
{
    (void)pc, (void)frame, (void)b;
    return a;
}

#ifdef REFERENCES
/* Another frame in this one's place, each 1,024th time. */
OPERATION(op_frame)
{
    if (a & 1023) GO(pc + 1, a, b);
    struct frame GW *made = gw_new(frame);
    for (int i = 0; i < SLOTS; i++) made->slot[i] = frame->slot[i];
    made->up = a & 4095 ? frame : NULL;
    frame = made;
    GO(pc + 1, a, b);
}
#else
OPERATION(op_frame)
{
    if (a & 1023) GO(pc + 1, a, b);
    frame->slot[SLOTS - 1]++;
    GO(pc + 1, a, b);
}
#endif

/* Slot 0: turns left; slot 1: a sum. */
static const struct instruction program[] = {
    {op_get, 1}, {op_move, 0},        {op_shift, 7}, {op_mix, 0}, {op_set, 1},    {op_get, 0}, {op_add, 0}, {op_set, 2},
    {op_get, 0}, {op_add_number, -1}, {op_frame, 0}, {op_set, 0}, {op_again, 12}, {op_get, 1}, {op_end, 0},
};
enum { OF_A_TURN = 13 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static long run(long turns)
{
#ifdef REFERENCES
    struct frame GW *frame = gw_new(frame);
#else
    static struct frame first;
    struct frame *frame = &first;
#endif
    frame->slot[0] = turns, frame->slot[1] = 12345;
    return program->run(program, frame, 0, 0);
}

int main(int argc, char **argv)
{
    long turns = argc > 1 ? atol(argv[1]) : 10000000;
    if (gw_init("")) return 1;
    double start = now();
    long result = run(turns);
    printf("%.3f ns an instruction, result %ld\n", (now() - start) / (double)turns / OF_A_TURN, result);
}
