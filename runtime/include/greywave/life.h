/* What an object's life depends on besides references: weak references, ephemerons, weak maps, finalizers; and identity, pins and
 * frozen objects, which hold while others come and go. Objects are those of the heap attached to this thread, or static: another heap's are
 * refused, in words, or by the status of gw_finalize and gw_finalize_with. gw_weak_map_get, gw_weak_map_remove and gw_is_pinned, asked
 * for one, answer that they have it not. */
#ifndef GREYWAVE_LIFE_H
#define GREYWAVE_LIFE_H

#include <greywave/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Weak references ------------------------------------------------------------------------------- */

/* A weak reference is an object that does not keep its target alive. When the target dies it is cleared: a SHORT one before
 * finalizers are delivered, so that nobody reaches what they are about to see; a LONG one when no finalizer keeps the target
 * either. A target that is null, an immediate or static never dies. Reading never hands out a dead object, between steps too. */
struct gw_weak;
typedef enum gw_weak_kind { GW_WEAK_SHORT, GW_WEAK_LONG } gw_weak_kind;

/* NULL when out of memory, or when there is no such kind. May collect. */
struct gw_weak GW *gw_weak_new(void GW *target, gw_weak_kind kind);
/* The target, or NULL once it is dead. A LONG reference to a target that may be dead, read while the cycle looks for the order
 * of finalizers, waits for the rest of that phase. */
GW_NOCOLLECT void GW *gw_weak_get(const struct gw_weak GW *weak);
GW_NOCOLLECT void gw_weak_clear(struct gw_weak GW *weak);

/* An ephemeron keeps its value alive as long as it is alive itself and its key is, however the value leads back to the key.
 * When the key dies both are cleared, before finalizers are delivered (Hayes 1997). */
struct gw_ephemeron;

/* NULL when out of memory. May collect. */
struct gw_ephemeron GW *gw_ephemeron_new(void GW *key, void GW *value);
/* NULL once the key is dead. */
GW_NOCOLLECT void GW *gw_ephemeron_key(const struct gw_ephemeron GW *ephemeron);
GW_NOCOLLECT void GW *gw_ephemeron_value(const struct gw_ephemeron GW *ephemeron);
/* GW_ERROR_STATE when the key is dead, GW_ERROR_MEMORY when native memory is out. */
GW_NOCOLLECT gw_status gw_ephemeron_set(struct gw_ephemeron GW *ephemeron, void GW *value);
GW_NOCOLLECT void gw_ephemeron_clear(struct gw_ephemeron GW *ephemeron);

/* A weak map finds values by the identity of their keys. By KEYS, an entry is an ephemeron: its value lives as long as map and key
 * do. By VALUES, it lasts as long as its value lives otherwise, and keeps the key until then. By BOTH, it keeps neither, and
 * goes when one dies. Entries go when weak references would be cleared. */
struct gw_weak_map;
typedef enum gw_weak_map_kind { GW_WEAK_KEYS, GW_WEAK_VALUES, GW_WEAK_BOTH } gw_weak_map_kind;

/* NULL when out of memory, or when there is no such kind. May collect. */
struct gw_weak_map GW *gw_weak_map_new(gw_weak_map_kind kind);
/* Adds an entry, or gives the one of `key` another value. GW_ERROR_MEMORY; GW_ERROR_ARGUMENT for a null key, or a null
 * value that would be held weakly. May collect. */
gw_status gw_weak_map_set(struct gw_weak_map GW *map, void GW *key, void GW *value);
/* The value, or NULL when there is no entry. */
GW_NOCOLLECT void GW *gw_weak_map_get(const struct gw_weak_map GW *map, const void GW *key);
/* Whether there was an entry. */
GW_NOCOLLECT bool gw_weak_map_remove(struct gw_weak_map GW *map, const void GW *key);
/* Calls `visit` for every entry. It may leave by longjmp or an exception; it may not allocate, and not change the map but by
 * removing. */
typedef void gw_weak_map_visitor(void *data, void GW *key, void GW *value);
GW_NOCOLLECT void gw_weak_map_each(const struct gw_weak_map GW *map, gw_weak_map_visitor *visit, void *data);
/* How many entries there are, by looking at each. */
GW_NOCOLLECT size_t gw_weak_map_count(const struct gw_weak_map GW *map);

/* ---- Finalizers ------------------------------------------------------------------------------------ */

/* An object registered with a queue is delivered once it is unreachable, once for each registration, and is then an ordinary
 * object again: it may be kept, registered again, or dropped. Order: if A reaches B and both are registered, A comes first, and
 * B not before a later collection has found A gone. Of objects that reach each other one comes, whichever the collector
 * meets first, and the others not before a later collection. Several registrations of one object are delivered together.
 * docs/finalization.md has the rules and what to build on them. */
typedef struct gw_finalizer_queue gw_finalizer_queue;

/* Called at the end of a collection that made something ready, on the thread that collected. It must return, and may not allocate: it
 * sets a flag or wakes a thread, and may make queues, empty them and free them. */
typedef void gw_finalizer_notify(void *data);

/* `notify` may be NULL. NULL when out of memory. The queue belongs to the attached heap. */
GW_NOCOLLECT gw_finalizer_queue *gw_finalizer_queue_new(gw_finalizer_notify *notify, void *data);
/* Its registrations are forgotten, and what is ready is dropped. */
GW_NOCOLLECT void gw_finalizer_queue_free(gw_finalizer_queue *queue);
/* GW_ERROR_ARGUMENT when `object` is none of the heap's, GW_ERROR_MEMORY. */
GW_NOCOLLECT gw_status gw_finalize_with(gw_finalizer_queue *queue, void GW *object);
/* The next object that is ready, or NULL. */
GW_NOCOLLECT void GW *gw_finalizer_queue_next(gw_finalizer_queue *queue);
GW_NOCOLLECT size_t gw_finalizer_queue_length(const gw_finalizer_queue *queue);

/* Off at first. On: if A reaches B, both unreachable and old, a major cycle may make both ready, A before B in their queue, without
 * waiting for A to be gone: a chain of any length takes one cycle. B may then be delivered although A's finalizer has kept
 * A alive. Objects of a cycle, and what it reaches, still wait. GW_ERROR_MEMORY. */
GW_NOCOLLECT gw_status gw_finalize_whole_chains(bool on);

/* The default queue calls a function for each object. It may do what any code may: allocate, collect, register, leave by
 * longjmp. */
typedef void gw_finalizer(void GW *object);
GW_NOCOLLECT gw_status gw_finalize(void GW *object, gw_finalizer *function);
/* Calls finalizers of ready objects, at most `max`, and no further ones when `budget_ns` is used up (UINT64_MAX: no budget).
 * Returns how many were called. May collect. */
size_t gw_run_finalizers(size_t max, uint64_t budget_ns);
/* Whether allocation calls the finalizers of what is ready; off at first. On: the first allocation after a collection calls those of
 * all that is ready then, and nothing does while one of them runs. One that leaves by longjmp or an exception leaves the others to the
 * first allocation after the next collection. */
GW_NOCOLLECT void gw_run_finalizers_at_allocation(bool on);

/* ---- Identity -------------------------------------------------------------------------------------- */

/* A number that an object keeps as long as it lives, wherever it moves; not 0. Objects never asked for cost nothing, old ones
 * asked for nothing either. Immediates and static objects have one too. 0 when native memory is out. */
GW_NOCOLLECT uint64_t gw_identity_hash(const void GW *object);

/* ---- Pinning --------------------------------------------------------------------------------------- */

/* Keeps an object alive and in its place until gw_unpin has been called as often as gw_pin, and returns its address, for native
 * code; NULL when native memory is out. A young object grows old where it is, at the next minor collection. Near the
 * heap limit, and where a minor collection costs next to nothing, gw_pin runs one that moves the object first: use the address that is
 * returned. There is no limit to how many objects are pinned. */
void *gw_pin(void GW *object);
/* GW_ERROR_ARGUMENT when the object is not pinned. */
GW_NOCOLLECT gw_status gw_unpin(const void GW *object);
GW_NOCOLLECT bool gw_is_pinned(const void GW *object);

/* ---- Freezing -------------------------------------------------------------------------------------- */

/* Collects fully, then makes everything alive permanent: it is no longer marked, swept or moved, and collections do not write to its
 * pages, which a forked child goes on sharing. It may be used and written to as before. Weak words that refer to it are never
 * cleared, its finalizers never run. Freezing again adds to what is frozen. */
void gw_freeze(void);
/* Everything is collected as before. */
void gw_unfreeze(void);
struct gw_frozen {
    uint64_t objects, bytes;
};
GW_LAID_OUT_(struct gw_frozen, 16);
GW_NOCOLLECT struct gw_frozen gw_frozen_objects(void);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
