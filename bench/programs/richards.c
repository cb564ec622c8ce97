/* Martin Richards's simulation of an operating system's kernel: tasks send packets to each other. Stresses pointers
 * among few objects that live long and are written all the time, and nothing else: what barriers cost. */
#include "program.h"

enum task_kind { IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B, TASK_COUNT };
enum packet_kind { FOR_DEVICE, FOR_WORK };
enum { PACKET_SIZE = 4, ROUNDS = 10000, HELD = 1, SUSPENDED = 2, RUNNABLE = 4 };

struct packet {
    struct packet GW *link;
    long owner, kind, at;
    long data[PACKET_SIZE];
};
GW_TYPE_FIELDS(packet, struct packet, link);

struct task {
    struct task GW *link;
    struct packet GW *queue;
    struct packet GW *work, *devices; /* what the task itself keeps */
    long kind, priority, state;
    long count, control;
};
GW_TYPE_FIELDS(task, struct task, link, queue, work, devices);

struct kernel {
    struct task GW *task[TASK_COUNT];
    struct task GW *list, *current;
    long queued, held;
};
GW_TYPE_FIELDS(kernel, struct kernel, task[0], task[1], task[2], task[3], task[4], task[5], list, current);

static struct packet GW *make_packet(struct packet GW *link, long owner, long kind)
{
    struct packet GW *packet;
    GW_CALL(packet = gw_new(packet), link);
    GW_STORE(packet, link, link);
    packet->owner = owner;
    packet->kind = kind;
    return packet;
}

/* The queue with one packet more at its end. */
static struct packet GW *append(struct packet GW *queue, struct packet GW *packet)
{
    packet->link = NULL;
    if (!queue) return packet;
    struct packet GW *last = queue;
    while (last->link) last = last->link;
    GW_STORE(last, link, packet);
    return queue;
}

static struct task GW *add_task(struct kernel GW *kernel, long kind, long priority, struct packet GW *queue, long state)
{
    struct task GW *task;
    GW_CALL(task = gw_new(task), kernel, queue);
    task->kind = kind;
    task->priority = priority;
    task->state = state;
    GW_STORE(task, queue, queue);
    GW_STORE(task, link, kernel->list);
    GW_STORE(kernel, list, task);
    GW_STORE(kernel, task[kind], task);
    return task;
}

/* ---- What a task may ask of the kernel; each returns the task to run next --------------------------- */

static struct task GW *wait_for_packet(struct kernel GW *kernel)
{
    kernel->current->state |= SUSPENDED;
    return kernel->current;
}

static struct task GW *hold(struct kernel GW *kernel)
{
    kernel->held++;
    kernel->current->state |= HELD;
    return kernel->current->link;
}

static struct task GW *release(struct kernel GW *kernel, long kind)
{
    struct task GW *task = kernel->task[kind];
    task->state &= ~HELD;
    return task->priority > kernel->current->priority ? task : kernel->current;
}

static struct task GW *send(struct kernel GW *kernel, struct packet GW *packet)
{
    struct task GW *task = kernel->task[packet->owner];
    kernel->queued++;
    packet->link = NULL;
    packet->owner = kernel->current->kind;
    if (task->queue) {
        GW_STORE(task, queue, append(task->queue, packet));
        return kernel->current;
    }
    GW_STORE(task, queue, packet);
    task->state |= RUNNABLE;
    return task->priority > kernel->current->priority ? task : kernel->current;
}

/* ---- The tasks -------------------------------------------------------------------------------------- */

static struct task GW *run_idle(struct kernel GW *kernel, struct task GW *task)
{
    if (--task->count == 0) return hold(kernel);
    long odd = task->control & 1;
    task->control /= 2;
    if (odd) task->control ^= 0xd008;
    return release(kernel, odd ? DEVICE_B : DEVICE_A);
}

static struct task GW *run_worker(struct kernel GW *kernel, struct task GW *task, struct packet GW *packet)
{
    if (!packet) return wait_for_packet(kernel);
    task->control = task->control == HANDLER_A ? HANDLER_B : HANDLER_A;
    packet->owner = task->control;
    packet->at = 0;
    for (int i = 0; i < PACKET_SIZE; i++) {
        if (++task->count > 26) task->count = 1;
        packet->data[i] = task->count;
    }
    return send(kernel, packet);
}

static struct task GW *run_handler(struct kernel GW *kernel, struct task GW *task, struct packet GW *packet)
{
    if (packet && packet->kind == FOR_WORK) GW_STORE(task, work, append(task->work, packet));
    else if (packet) GW_STORE(task, devices, append(task->devices, packet));
    struct packet GW *work = task->work, *device = task->devices;
    if (work && work->at >= PACKET_SIZE) {
        GW_STORE(task, work, work->link);
        return send(kernel, work);
    }
    if (!work || !device) return wait_for_packet(kernel);
    GW_STORE(task, devices, device->link);
    device->at = work->data[work->at++];
    return send(kernel, device);
}

static struct task GW *run_device(struct kernel GW *kernel, struct task GW *task, struct packet GW *packet)
{
    if (packet) {
        packet->link = NULL;
        GW_STORE(task, work, packet);
        return hold(kernel);
    }
    packet = task->work;
    if (!packet) return wait_for_packet(kernel);
    task->work = NULL;
    return send(kernel, packet);
}

static struct task GW *run_task(struct kernel GW *kernel, struct task GW *task)
{
    struct packet GW *packet = NULL;
    if (task->state == (SUSPENDED | RUNNABLE)) {
        packet = task->queue;
        GW_STORE(task, queue, packet->link);
        task->state = task->queue ? RUNNABLE : 0;
    }
    switch ((enum task_kind)task->kind) {
    case IDLE: return run_idle(kernel, task);
    case WORKER: return run_worker(kernel, task, packet);
    case HANDLER_A:
    case HANDLER_B: return run_handler(kernel, task, packet);
    default: return run_device(kernel, task, packet);
    }
}

static void schedule(struct kernel GW *kernel)
{
    struct task GW *task = kernel->list;
    while (task) {
        GW_STORE(kernel, current, task);
        if ((task->state & HELD) || task->state == SUSPENDED) task = task->link;
        else task = run_task(kernel, task);
    }
}

/* ---- One run ---------------------------------------------------------------------------------------- */

static void add_tasks(struct kernel GW *kernel, long rounds)
{
    struct packet GW *queue;
    struct task GW *task;
    GW_CALL(task = add_task(kernel, IDLE, 0, NULL, 0), kernel);
    task->count = rounds;
    task->control = 1;
    GW_CALL(queue = make_packet(NULL, WORKER, FOR_WORK), kernel);
    GW_CALL(queue = make_packet(queue, WORKER, FOR_WORK), kernel);
    GW_CALL(task = add_task(kernel, WORKER, 1000, queue, SUSPENDED | RUNNABLE), kernel);
    task->control = HANDLER_A;
    for (long handler = HANDLER_A; handler <= HANDLER_B; handler++) {
        long device = handler - HANDLER_A + DEVICE_A;
        queue = NULL;
        for (int i = 0; i < 3; i++) GW_CALL(queue = make_packet(queue, device, FOR_DEVICE), kernel);
        GW_CALL(add_task(kernel, handler, handler * 1000, queue, SUSPENDED | RUNNABLE), kernel);
    }
    GW_CALL(add_task(kernel, DEVICE_A, 4000, NULL, SUSPENDED), kernel);
    add_task(kernel, DEVICE_B, 5000, NULL, SUSPENDED);
}

static void give_back(struct kernel GW *kernel)
{
#if MEMORY_EXPLICIT
    for (int i = 0; i < TASK_COUNT; i++) {
        struct packet GW *kept[] = {kernel->task[i]->queue, kernel->task[i]->work, kernel->task[i]->devices};
        for (int j = 0; j < 3; j++)
            for (struct packet GW *packet = kept[j], *next; packet; packet = next) {
                next = packet->link;
                memory_release(packet);
            }
        memory_release(kernel->task[i]);
    }
#endif
    memory_release(kernel);
    (void)kernel;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 800, 1000000), queued = 0, held = 0;
    uint64_t started = memory_start();
    for (long i = 0; i < size; i++) {
        struct kernel GW *kernel = gw_new(kernel);
        GW_CALL(add_tasks(kernel, ROUNDS), kernel);
        schedule(kernel);
        queued += kernel->queued;
        held += kernel->held;
        give_back(kernel);
    }
    printf("%ld packets queued, %ld times held\n", queued, held);
    return memory_finish(started);
}
