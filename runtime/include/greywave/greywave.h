/* Greywave: an incremental, precise, moving garbage collector for compiled languages.
 *
 *     #include <greywave/greywave.h>
 *     struct node { struct node GW *left, *right; };
 *     GW_TYPE(node, struct node);
 *     ...
 *     gw_init(NULL);
 *     struct node GW *n = gw_new(node);
 *
 * Compile with gwcc. Words are those of docs/abi.md. Unless a declaration says otherwise a function may be called
 * on any thread that has a heap attached, does not collect, takes no ownership of what it is given, and reports
 * errors through its result; gw_error_text says in words what the last failed call on this thread objected to.
 *
 * Functions of the program that the runtime calls:
 *
 *     finalizers, comparisons of gw_sort          may do anything, and may leave by longjmp or an exception
 *     out-of-memory handlers, visitors            may leave so too, but neither allocate nor collect
 *     trace functions, destructors, hooks, notify functions   may neither allocate nor collect, and must return
 *
 * What they may not do ends the process in words: allocating at once; an exception that leaves, at once; a longjmp that leaves, at the
 * next call that may collect. None of them may detach the heap that they are called for.
 *
 * References are found on a thread's own stack, and on others that the runtime made or was told of (stacks.h). A call that may collect on
 * any other one ends in words.
 */
#ifndef GREYWAVE_H
#define GREYWAVE_H

#include <greywave/heap.h>    /* setting up a heap, its options, and which thread works on it */
#include <greywave/types.h>   /* describing objects: GW_TYPE and its like */
#include <greywave/unions.h>  /* unions in objects: GW_TYPE_TAGGED, GW_TYPE_TRACED */
#include <greywave/objects.h> /* making, reading and writing them: gw_new, immediates, GW_STORE, copies, sorting */
#include <greywave/roots.h>   /* references in variables of C, in globals, in native memory, in handles */
#include <greywave/stacks.h>  /* coroutines, and stacks that the program brings */
#include <greywave/threads.h> /* several threads on one heap */
#include <greywave/control.h> /* when the collector works, and for how long */
#include <greywave/life.h>    /* weak references, ephemerons, finalizers, identity, pinning, freezing */
#include <greywave/observe.h> /* statistics, pauses, hooks, walks over the heap, verification */
#include <greywave/jit.h>     /* code made at run time */

/* Included by those: status.h, what calls answer; abi.h, what compiled code relies on; macros.h and names.h, of which programs use
 * nothing. Not included: llvm.h, for compilers on the LLVM C API; containers.h, a string and a list in terms of these; greywave.hpp, for
 * C++. */

#endif
