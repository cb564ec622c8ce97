// -pthread: which calls are made outside, so that other threads may collect while they wait.
// RUN: %gwcc -pthread -O0 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -pthread -O2 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=WITHOUT
// WITHOUT-NOT: gw.blocking
// RUN: %gwcc -pthread -O1 -Rpass=greywave -c %s -o %t 2>&1 | %filecheck %s --check-prefix=REMARK
// REMARK: blocking.c:[[#@LINE+23]]:{{[0-9]+}}: remark: may wait: made outside, so that other threads may collect meanwhile
#include <greywave/greywave.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

// CHECK-LABEL: define {{.*}}@reads(
// CHECK: gc.statepoint{{.*}}@gw.blocking, {{.*}})
// CHECK: {{^}}}
long reads(struct node GW *n, int descriptor)
{
    char buffer[16];
    return read(descriptor, buffer, sizeof buffer) + buffer[0] + n->value;
}

// The object may not move while it is written to.
// CHECK-LABEL: define {{.*}}@reads_into_object(
// CHECK: @read(
// CHECK: {{^}}}
long reads_into_object(struct text GW *t, int descriptor)
{
    return read(descriptor, (char *)t->bytes, 4) + t->bytes[0];
}

// Nor behind a function that hands the address back.
// CHECK-LABEL: define {{.*}}@reads_behind(
// CHECK: @read(
// CHECK: {{^}}}
long reads_behind(struct text GW *t, int descriptor)
{
    return read(descriptor, (char *)memchr((char *)t->bytes, 0, 4), 4) + t->bytes[0];
}

// CHECK-LABEL: define {{.*}}@locks(
// CHECK: gc.statepoint{{.*}}@gw.blocking
// CHECK: {{^}}}
long locks(struct node GW *n, pthread_mutex_t *lock)
{
    pthread_mutex_lock(lock);
    return n->value;
}

// CHECK-LABEL: define {{.*}}@waits(
// CHECK: gc.statepoint{{.*}}@gw.blocking
// CHECK: gc.statepoint{{.*}}@gw.blocking
// CHECK: {{^}}}
GW_BLOCKING int wait_for(const char *format, ...);
long waits(struct node GW *n)
{
    return wait_for("%d", 5) + wait_for("%g", 0.5) + n->value;
}

// It is called where nothing may move.
// CHECK-LABEL: define {{.*}}@never_collects(
// CHECK-NOT: gw.blocking
// CHECK: {{^}}}
GW_NOCOLLECT long never_collects(int descriptor);
long never_collects(int descriptor)
{
    char byte;
    return read(descriptor, &byte, 1);
}

// CHECK-LABEL: define {{.*}}@handler(
// CHECK-NOT: gw.blocking
// CHECK: {{^}}}
static void handler(int number) { (void)!write(number, "!", 1); }
void install(void) { signal(SIGUSR1, handler); }

// A struct with references is none of its business.
// CHECK-LABEL: define {{.*}}@gives_struct(
// CHECK-NOT: gw.blocking
// CHECK: {{^}}}
struct packet {
    struct node GW *node;
    long words[4];
};
GW_BLOCKING long take_packet(struct packet packet);
long gives_struct(struct node GW *n)
{
    struct packet packet = {n, {1}};
    return take_packet(packet) + n->value;
}

// Of the same name, and none of the C library's.
// CHECK-LABEL: define {{.*}}@selects(
// CHECK-NOT: gw.blocking
// CHECK: {{^}}}
int select(long which);
long selects(struct node GW *n) { return select(3) + n->value; }

// CHECK-LABEL: define internal {{.*}}@gw.blocking(
// CHECK: call ptr @greywave_blocking_call(ptr {{.*}}@gw.blocking.made{{.*}}, ptr {{.*}}, i64 32)
// CHECK: {{^}}}
// CHECK-LABEL: define internal {{.*}}@gw.blocking.made(
// CHECK: @read(
// CHECK: {{^}}}
// CHECK-LABEL: define internal {{.*}}@gw.blocking.{{[0-9]+}}(
// CHECK: call i32 @pthread_mutex_trylock(
// CHECK: icmp eq i32 {{.*}}, 16
