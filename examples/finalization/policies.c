/* Finalization as four languages know it, each a few lines over Greywave's queues.
 *
 *     gwcc -O2 policies.c -o policies && ./policies
 *
 * What the collector gives: an unreachable registered object is delivered once, in order, and is then an ordinary object. What a
 * language makes of that is its own business. */
#include <greywave/greywave.h>
#include <stdio.h>

struct object {
    struct object GW *refers;
    struct object GW *also;
    long number;
    bool finalized;
};
GW_TYPE(object, struct object);

static struct object GW *saved; /* where a finalizer resurrects its object to */

static struct object GW *new_object(long number)
{
    struct object GW *object = gw_new(object);
    object->number = number;
    return object;
}

/* ---- Java: finalize() runs once in an object's life, resurrected or not ----------------------------- */

static void java_finalize(void GW *reference)
{
    struct object GW *object = reference;
    printf("java: finalize %ld\n", object->number);
    saved = object;
}

static struct object GW *java_new(long number)
{
    struct object GW *object = new_object(number);
    gw_finalize(object, java_finalize);
    return object;
}

static void collect_and_run(void)
{
    do gw_collect(GW_FULL);
    while (gw_run_finalizers(SIZE_MAX, UINT64_MAX));
}

static void java(void)
{
    java_new(1);
    collect_and_run();
    printf("java: %ld lives on\n", saved->number);
    saved = NULL;
    collect_and_run(); /* not registered again: silence */
}

/* ---- CPython: __del__, and cycles ------------------------------------------------------------------- */

static gw_finalizer_queue *with_del;
static struct object GW *garbage; /* a list through `also` */
static bool found;

static void look_for(void *target, void GW *referent)
{
    found |= referent == *(void GW **)target;
}

/* Whether the object refers back to itself through the next few objects: enough for this example's cycles. */
static bool is_in_a_cycle(struct object GW *object)
{
    found = false;
    struct object GW *at = object;
    for (int i = 0; i < 4 && at && !found; i++) {
        gw_referents(at, look_for, (void *)&object);
        at = at->refers;
    }
    return found;
}

static void make_ring(long first, long second)
{
    struct object GW *one = new_object(first);
    struct object GW *other = new_object(second);
    one->refers = other;
    other->refers = one;
    gw_finalize_with(with_del, one);
    gw_finalize_with(with_del, other);
}

/* Before PEP 442: a cycle with a __del__ is not touched, but put into gc.garbage for the program to break. */
static void old_cpython_collect(void)
{
    struct object GW *object;
    gw_collect(GW_FULL);
    while ((object = gw_finalizer_queue_next(with_del))) {
        if (!is_in_a_cycle(object)) {
            printf("old CPython: __del__ %ld\n", object->number);
            continue;
        }
        object->also = garbage;
        garbage = object;
    }
}

/* Since PEP 442: __del__ once for each object, cycles included; what it does not save is freed. */
static void new_cpython_collect(void)
{
    struct object GW *object;
    gw_collect(GW_FULL);
    while ((object = gw_finalizer_queue_next(with_del))) {
        do {
            printf("CPython: __del__ %s\n", object->finalized ? "twice!" : "once");
            object->finalized = true;
        } while ((object = gw_finalizer_queue_next(with_del)));
        gw_collect(GW_FULL);
    }
}

static void cpython(void)
{
    with_del = gw_finalizer_queue_new(NULL, NULL);
    make_ring(1, 2);
    gw_finalize_with(with_del, new_object(3));
    old_cpython_collect();
    for (struct object GW *object = garbage; object; object = object->also)
        printf("old CPython: gc.garbage holds one of a cycle of %d\n", object->refers->refers == object ? 2 : 0);
    garbage->refers = NULL; /* the program breaks the cycle */
    garbage = NULL;
    gw_collect(GW_FULL);
    gw_finalizer_queue_next(with_del);
    make_ring(4, 5);
    new_cpython_collect();
    gw_finalizer_queue_free(with_del);
}

/* ---- Scheme: guardians ------------------------------------------------------------------------------ */

/* A guardian is a queue; (guardian object) registers, (guardian) gives back an object that nothing else refers to, or #f. */
static void scheme(void)
{
    gw_finalizer_queue *guardian = gw_finalizer_queue_new(NULL, NULL);
    struct object GW *object = new_object(1);
    gw_finalize_with(guardian, object);
    gw_finalize_with(guardian, object); /* twice: given back twice */
    gw_collect(GW_FULL);
    printf("scheme: %zu to give back while it is in use\n", gw_finalizer_queue_length(guardian));
    printf("scheme: object %ld is let go\n", object->number);
    object = NULL;
    gw_collect(GW_FULL);
    for (struct object GW *back; (back = gw_finalizer_queue_next(guardian));) printf("scheme: got back %ld\n", back->number);
    gw_finalizer_queue_free(guardian);
}

int main(void)
{
    if (gw_init(NULL) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 1;
    }
    java();
    cpython();
    scheme();
    return 0;
}
