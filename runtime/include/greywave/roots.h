/* References in the variables of C functions, for every way to find them. One source serves them all:
 *
 *   clang and the plug-in     references are found by themselves; the macros here mean nothing
 *   gwcc --roots=asm          GCC; GW_CALL leaves markers in the assembler output, gw-asmgcroot makes frame maps of them
 *   gwcc --roots=shadow --gcc GCC; GW_CALL pushes and pops
 *
 * Rules, for the last two:
 *   - A call that may collect and after which references are needed is written GW_CALL(x = f(y), a, b), with all
 *     variables whose references are needed after it, but not x. The call is the only one in the statement: in
 *     f(a, g()) the copy of `a` may have been taken before g moved its object.
 *   - The variables are this function's own, initialised, and hold references, null or immediates; no addresses inside
 *     objects. After the call the old values, wherever else they were copied to, mean nothing.
 *   - Stores into objects are written GW_STORE; global and thread-local variables are named with GW_GLOBAL; layouts are
 *     listed with GW_TYPE_FIELDS and its like.
 * A function that never collects needs none of this, see GW_NOCOLLECT and GW_NEVER_COLLECTS. docs/asmgcroot.md has more.
 *
 * At the end: handles and registered words, for references in native memory.
 */
#ifndef GREYWAVE_ROOTS_H
#define GREYWAVE_ROOTS_H

#include <greywave/macros.h>
#include <greywave/status.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Markers --------------------------------------------------------------------------------------- */

/* GW_ROOT(v): the reference in `v` was alive during the calls since `v` was last set or marked. Stands right after such a
 * call. For --roots=asm alone: nothing can be pushed after the fact; GW_CALL works everywhere. GW_ROOT_ARRAY: all
 * elements of an array variable. The input ties the output to the same place, so that the compiler takes the value for
 * a new one; "memory" keeps the marker behind its call. */
#if defined(__GREYWAVE_ASM__)
/* The maps define the symbol, whose name is the message. So what gw-asmgcroot has not read no assembler takes. */
__asm__(".pushsection .gw_check, \"e\", @progbits\n\t.uleb128 \".Lgw-asmgcroot has not read this file\"\n\t.popsection");
#define GW_ROOT(v) __asm__("/* GCROOT %0 */" : "=g"(v) : "0"(v) : "memory")
#define GW_ROOT_ARRAY(array) __asm__("/* GCROOTS %c1 %0 */" : "+m"(array) : "i"(sizeof(array) / sizeof(void *)) : "memory")
#elif defined(__GREYWAVE_SHADOW__)
#define GW_ROOT(v) GW_STATIC_ASSERT(0, "GW_ROOT cannot push what was alive before it: write GW_CALL(call, v)")
#define GW_ROOT_ARRAY(array) GW_ROOT(array)
#else
#define GW_ROOT(v) ((void)0)
#define GW_ROOT_ARRAY(array) ((void)0)
#endif

/* ---- Calls ----------------------------------------------------------------------------------------- */

/* GW_CALL(statement, v…): the statement, with the references in the variables v… found and updated meanwhile. */
#if defined(__GREYWAVE_ASM__)
#define GW_MARK_(v, n) GW_ROOT(v);
#define GW_CALL(statement, ...)                                                                                                            \
    do {                                                                                                                                   \
        statement;                                                                                                                         \
        GW_EACH_(GW_MARK_, ##__VA_ARGS__)                                                                                                  \
    } while (0)
#elif defined(__GREYWAVE_SHADOW__)
/* The first push of a thread, or one too many, which ends the process. Declared const so that the compiler keeps no word
 * in memory for its sake: between two calls with the same variables neither they nor the top are then written twice. What
 * it reads of the thread's state no compiled code writes, but for the top, and that is handed over. */
__attribute__((const, noinline, cold, unused)) static void **gw_shadow_made_(void **top, size_t words)
{
    gw_shadow_reserve(words);
    return top ? top : gw_current_thread.shadow_base;
}

/* Where `words` pushed words go; the caller moves shadow_top past them once they are written. */
static inline void **gw_shadow_room_(size_t words)
{
    void **top = gw_current_thread.shadow_top;
    if (__builtin_expect((uintptr_t)(top + words) > (uintptr_t)gw_current_thread.shadow_limit, 0)) top = gw_shadow_made_(top, words);
    return top;
}
#define GW_PUSH_(v, n) gw_pushed_[n] = (void *)(v);
#define GW_POP_(v, n) (v) = (__typeof__(v))gw_pushed_[n];
#define GW_CALL(statement, ...)                                                                                                            \
    do {                                                                                                                                   \
        void **gw_pushed_ = gw_shadow_room_(GW_COUNT_(__VA_ARGS__));                                                                       \
        GW_EACH_(GW_PUSH_, ##__VA_ARGS__)                                                                                                  \
        if (GW_COUNT_(__VA_ARGS__)) gw_current_thread.shadow_top = gw_pushed_ + GW_COUNT_(__VA_ARGS__);                                    \
        statement;                                                                                                                         \
        GW_EACH_(GW_POP_, ##__VA_ARGS__)                                                                                                   \
        if (GW_COUNT_(__VA_ARGS__)) gw_current_thread.shadow_top = gw_pushed_;                                                             \
    } while (0)
#else
#define GW_CALL(statement, ...)                                                                                                            \
    do {                                                                                                                                   \
        statement;                                                                                                                         \
    } while (0)
#endif

/* At file scope: this C function, declared elsewhere and not with GW_NOCOLLECT, never collects and calls nothing that does.
 * A collection under a call to it ends with a fatal message. */
#if defined(__GREYWAVE_ASM__)
#define GW_NEVER_COLLECTS(function) __asm__("/* GCNOCOLLECT " #function " */")
#elif defined(__clang__)
#define GW_NEVER_COLLECTS(function) extern __typeof__(function) function __attribute__((annotate("gc-leaf-function")))
#else
#define GW_NEVER_COLLECTS(function) GW_STATIC_ASSERT(1, "")
#endif

/* ---- Global variables ------------------------------------------------------------------------------ */

/* At file scope: `variable`, a reference or an array of them, global, static or thread-local, is a root. The plug-in finds
 * such variables by itself. The record's layout is struct gw_global_record with one offset; every minor collection reads all of it. */
#if GW_ROOTS_IN_GCC_
#define GW_GLOBAL(variable) GW_GLOBAL_NAMED_(variable, GW_PASTE_(gw_global_, __COUNTER__))
#define GW_GLOBAL_NAMED_(variable, name) GW_GLOBAL_RECORD_(variable, name)
#define GW_GLOBAL_RECORD_(variable, name)                                                                                                  \
    static void *name##_address(void)                                                                                                      \
    {                                                                                                                                      \
        return &(variable);                                                                                                                \
    }                                                                                                                                      \
    static uint32_t name##_record[6] = {0, GW_GLOBAL_THREAD_LOCAL, sizeof(variable) / sizeof(void *), sizeof(void *), 1, 0};               \
    static struct gw_module name##_module = {                                                                                              \
        GW_ABI_VERSION, 0, NULL, NULL, (const uint8_t *)name##_record, (const uint8_t *)(name##_record + 6)};                              \
    __attribute__((constructor(101))) static void name##_enter(void)                                                                       \
    {                                                                                                                                      \
        name##_record[0] = (uint32_t)((intptr_t)name##_address - (intptr_t)name##_record);                                                 \
        gw_module_load(&name##_module);                                                                                                    \
    }                                                                                                                                      \
    __attribute__((destructor(101))) static void name##_leave(void)                                                                        \
    {                                                                                                                                      \
        gw_module_unload(&name##_module);                                                                                                  \
    }                                                                                                                                      \
    GW_STATIC_ASSERT(sizeof(variable) % sizeof(void *) == 0, "GW_GLOBAL takes a reference or an array of them")
#else
#define GW_GLOBAL(variable) GW_STATIC_ASSERT(1, "")
#endif

/* ---- Native memory and native code ----------------------------------------------------------------- */

/* Registers `count` words at `words`, native memory outside the heap, as roots: each holds a reference, null or an
 * immediate, and is updated when its object moves. The memory stays the caller's. GW_ERROR_ARGUMENT, GW_ERROR_MEMORY. */
gw_status gw_add_roots(void *words, size_t count);
gw_status gw_remove_roots(void *words);

/* The same, where the caller promises to tell what it changes: minor collections do not read the other words, while those of gw_add_roots
 * are read by each. At the least one word; tracked ranges do not overlap one another. gw_roots_changed tells that references were, or are
 * about to be, put into `count` words of one such range: called before or after the stores, with nothing between that may collect.
 * GW_ERROR_ARGUMENT: they do not lie in one. A promise that is broken leaves a root that nobody updates; verify=1 finds it. Ended by
 * gw_remove_roots. */
gw_status gw_add_roots_tracked(void *words, size_t count);
GW_NOCOLLECT gw_status gw_roots_changed(const void *words, size_t count);

/* A handle holds one reference for native code, which reads and sets it by these functions. It belongs to the heap that was attached when
 * it was made, and so do its references. One of another heap, and one that was freed or whose scope has ended, is refused in words; the
 * latter until another handle takes its place. A minor collection reads handles that were set since the last one, or refer to young
 * objects, and no others.
 *
 * Any thread that has the heap attached uses any handle, one at a time as with other variables of native code. Outside (threads.h), where a
 * thread may hold no reference, it may still copy and free them: so a callback of native code drops what it was given, and keeps what is to
 * outlive the call. The rest is refused in words there, and all of it on threads without the heap, which attach it. */
typedef struct gw_handle_cell *gw_handle;
GW_NOCOLLECT gw_handle gw_handle_new(void GW *reference); /* NULL: out of native memory */
GW_NOCOLLECT gw_handle gw_handle_copy(gw_handle handle);  /* another one that holds the same, of a scope's too; NULL: as above */
GW_NOCOLLECT void GW *gw_handle_get(gw_handle handle);
GW_NOCOLLECT void gw_handle_set(gw_handle handle, void GW *reference);
GW_NOCOLLECT void gw_handle_free(gw_handle handle);

/* Handles that end together: gw_scope_handle makes them, and gw_scope_end frees all that were made since gw_scope_begin. Scopes
 * nest. These handles may be read and set, but not freed one by one. */
typedef struct gw_scope {
    size_t handles;
} gw_scope;
GW_NOCOLLECT gw_scope gw_scope_begin(void);
GW_NOCOLLECT gw_handle gw_scope_handle(void GW *reference); /* NULL: out of native memory */
GW_NOCOLLECT void gw_scope_end(gw_scope scope);
/* Ends the scope and hands one of its references on, to a handle of the scope around it. */
GW_NOCOLLECT gw_handle gw_scope_end_with(gw_scope scope, gw_handle handle);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
