/* The stack walker. Owns nothing; holds the registry's read lock for the length of a walk and allocates nothing but for
 * a survey's list.
 *
 * Invariants while walking: `frame` is the frame about to be visited; every home of a callee-saved register is the
 * address where that register's value for `frame` lives. A managed frame whose recipe is known is left by replaying
 * it; any other frame is left by its unwind information, and a managed one leaves its recipe behind.
 *
 * Derived pointers need no memory of their own: before the bases of a frame are visited each derived pointer's word
 * holds its distance from the base, afterwards base plus distance. */
#include "roots/stack_walk.h"
#include "base/report.h"
#include "os/linux/loaded_code.h"
#include "roots/frame_words.h"
#include "roots/modules.h"
#include "roots/recipe.h"
#include "roots/unwind_tables.h"

#include <inttypes.h>

#define likely(condition) __builtin_expect((condition), 1)
#define unlikely(condition) __builtin_expect((condition), 0)

struct walker {
    struct gw_walk *walk;
    const struct gw_registry *registry;
    struct gw_machine_frame frame;
    struct gw_unwinder unwinder; /* for the frames that are not replayed */
};

/* ---- Fatal messages -------------------------------------------------------------------------------- */

#define NAME_SIZE 512

/* The walk ends here. Its lock is given back first: reading a file for the name may take long. */
static void name_at_the_end(uintptr_t pc, char *name)
{
    gw_registry_read_end();
    gw_name_code(pc, name, NAME_SIZE);
}

static _Noreturn __attribute__((cold)) void fatal_no_unwind_info(uintptr_t pc)
{
    char name[NAME_SIZE];
    name_at_the_end(pc, name);
    gw_fatal("stack walk: no usable unwind information for %s at %#" PRIxPTR
             ": compile it with -fasynchronous-unwind-tables, link static programs with -Wl,--eh-frame-hdr, or register its "
             "unwind table",
             name, pc);
}

static _Noreturn __attribute__((cold)) void fatal_no_map(uintptr_t pc)
{
    char name[NAME_SIZE];
    name_at_the_end(pc, name);
    gw_fatal("stack walk: the managed function %s has no frame map for the call that returns to %#" PRIxPTR
             ": is the callee marked as never collecting (GW_NOCOLLECT, gc-leaf-function)? Functions of the C library are taken to be so; "
             "one that calls the program back (a stream of fopencookie, a conversion of register_printf_specifier) is called through a "
             "volatile pointer",
             name, pc);
}

static _Noreturn __attribute__((cold)) void fatal_half_registered(uintptr_t pc)
{
    gw_fatal("stack walk: only gw_unwind_register knows the code made at run time around %#" PRIxPTR
             ", so its references cannot be found: give its gw_maps sections to gw_module_register, too; docs/abi.md says what stands "
             "for a function without references",
             pc);
}

static _Noreturn __attribute__((cold)) void fatal_unregistered(uintptr_t pc)
{
    gw_fatal("stack walk: code made at run time around %#" PRIxPTR " calls the runtime, and no such code is registered, so its references "
             "cannot be found: give its sections to gw_module_register and gw_unwind_register; code that keeps none calls through a "
             "function of a library",
             pc);
}

static _Noreturn __attribute__((cold)) void fatal_interrupted(uintptr_t pc)
{
    char name[NAME_SIZE];
    name_at_the_end(pc, name);
    gw_fatal("stack walk: a signal handler that interrupted the managed function %s at %#" PRIxPTR
             " led to a collection: signal handlers must not allocate or collect",
             name, pc);
}

static _Noreturn __attribute__((cold)) void fatal_disagreement(uintptr_t pc, const char *what)
{
    char name[NAME_SIZE];
    name_at_the_end(pc, name);
    gw_fatal("stack walk: frame map, recipe and unwind information of %s at %#" PRIxPTR " disagree about %s", name, pc, what);
}

/* ---- Visiting one frame ---------------------------------------------------------------------------- */

static void detach_derived(const struct gw_machine_frame *frame, const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->derived_count; i++)
        *gw_frame_word(frame, map->derived[i].derived) -= *gw_frame_word(frame, map->derived[i].base);
}

static void attach_derived(const struct gw_machine_frame *frame, const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->derived_count; i++)
        *gw_frame_word(frame, map->derived[i].derived) += *gw_frame_word(frame, map->derived[i].base);
}

static inline void visit_frame(struct walker *walker, const struct gw_frame_map *map)
{
    struct gw_walk *walk = walker->walk;
    uintptr_t *sp = (uintptr_t *)walker->frame.sp;
    if (unlikely(map->derived_count)) detach_derived(&walker->frame, map);
    for (uint32_t i = 0; i < map->slot_count; i++) walk->visit(walk->context, sp + map->slots[i]);
    if (unlikely(map->base_count | map->region_count))
        walk->roots += gw_frame_visit_uncommon(&walker->frame, map, walk->visit, walk->context);
    if (unlikely(map->derived_count)) attach_derived(&walker->frame, map);
    walk->roots += map->slot_count;
    walk->frames++;
}

/* ---- Leaving one frame ----------------------------------------------------------------------------- */

/* Publishes how `from` was left towards `to`. A frame that no recipe can express is left by unwind information each time. */
static void learn(struct gw_frame *known, const struct gw_machine_frame *from, const struct gw_machine_frame *to)
{
    gw_words_below saved[GW_SAVED_REGISTERS] = {0};
    for (int r = 0; r < GW_SAVED_REGISTERS; r++) {
        if (to->home[r] == from->home[r]) continue;
        uintptr_t below = to->sp - (uintptr_t)to->home[r];
        if (below % 8 || below == 0 || below / 8 > GW_MOST_WORDS_BELOW) return;
        saved[r] = (gw_words_below)(below / 8);
    }
    bool dynamic = known->map->shape == GW_FRAME_DYNAMIC;
    uintptr_t bytes = to->sp - (dynamic ? *from->home[GW_FRAME_POINTER] : from->sp);
    uint32_t first = dynamic ? GW_CFA_FROM_FRAME_POINTER : GW_CFA_DISTANCE, most = dynamic ? GW_CFA_DISTANCE - 1 : UINT32_MAX;
    if (bytes % 8 || bytes / 8 > most - first || known->map->shape == GW_FRAME_IRREGULAR) return;
    gw_recipe_publish(&known->recipe, first + (uint32_t)(bytes / 8), saved);
}

/* Leaves a managed frame by its unwind information. False at the end of the stack. */
static __attribute__((noinline)) bool leave_unknown(struct walker *walker, struct gw_frame *known)
{
    struct gw_machine_frame *frame = &walker->frame, from = *frame;
    gw_unwinder_start(&walker->unwinder, frame);
    enum gw_unwound left = gw_unwinder_step(&walker->unwinder, frame);
    if (left == GW_UNWOUND_NO_INFO) fatal_no_unwind_info(from.pc);
    if (left == GW_UNWOUND_END) return false;
    if (!gw_is_usual_frame(frame->sp, frame->pc)) fatal_disagreement(from.pc, "the return address");
    if (known->map->shape == GW_FRAME_DYNAMIC && !gw_is_usual_frame_pointer(frame->sp, *from.home[GW_FRAME_POINTER]))
        fatal_disagreement(from.pc, "the frame pointer");
    learn(known, &from, frame);
    return true;
}

/* Replays the frame after checking with unwind information where that must lead. Nothing is read at a place that only the
 * recipe believes in. */
static __attribute__((noinline)) bool leave_and_verify(struct walker *walker, struct gw_frame *known)
{
    struct gw_machine_frame *frame = &walker->frame, truth = *frame;
    uintptr_t pc = frame->pc, cfa = gw_recipe_cfa(frame, &known->recipe);
    if (!cfa) return leave_unknown(walker, known);
    gw_unwinder_start(&walker->unwinder, &truth);
    if (gw_unwinder_step(&walker->unwinder, &truth) != GW_UNWOUND_FRAME) fatal_no_unwind_info(pc);
    if (truth.sp != cfa) fatal_disagreement(pc, "the frame's size");
    gw_replay(frame, &known->recipe);
    if (truth.pc != frame->pc) fatal_disagreement(pc, "the return address");
    for (int r = 0; r < GW_SAVED_REGISTERS; r++)
        if (truth.home[r] != frame->home[r]) fatal_disagreement(pc, "a saved register");
    return true;
}

/* ---- Runs of frames -------------------------------------------------------------------------------- */

/* Whether frames of this call site are of one size and have nothing but slots and registers: then walk_run can do it. */
static inline bool is_plain(const struct gw_walk *walk, const struct gw_frame *known)
{
    const struct gw_frame_map *map = known->map;
    uint32_t rule = atomic_load_explicit(&known->recipe.cfa, memory_order_acquire);
    if (unlikely(!map->plain || rule < GW_CFA_DISTANCE || walk->verify)) return false;
    if (!walk->survey || map->mark.reg == GW_DWARF_SP) return true;
    return !gw_frame_map_has_mark(map) && !walk->survey->met_mark;
}

/* Frames of one call site that follow each other. What was in the registers of all but the first was saved by the frame before, the same
 * number of words below each stack pointer; a register that they do not save has one place for all of them, which the first one names. */
struct run {
    uintptr_t sp, bytes; /* of the first frame */
    uint32_t saved_count;
    gw_words_below saved[GW_SAVED_REGISTERS];
};

static inline struct run run_from(const struct walker *walker, const struct gw_frame *known)
{
    struct run run = {.sp = walker->frame.sp};
    run.bytes = gw_recipe_cfa(&walker->frame, &known->recipe) - run.sp;
    for (uint32_t i = 0; i < known->map->base_count; i++) {
        gw_words_below saved = known->recipe.saved[gw_saved_register_of_dwarf(known->map->bases[i].reg)];
        if (saved) run.saved[run.saved_count++] = saved;
    }
    return run;
}

static inline void visit_slots(const struct gw_walk *walk, const struct gw_frame_map *map, uintptr_t sp)
{
    for (uint32_t i = 0; i < map->slot_count; i++) walk->visit(walk->context, (uintptr_t *)sp + map->slots[i]);
}

static inline void visit_saved(const struct gw_walk *walk, const struct run *run, uintptr_t sp)
{
    for (uint32_t i = 0; i < run->saved_count; i++) walk->visit(walk->context, (uintptr_t *)sp - run->saved[i]);
}

static inline void visit_registers(const struct walker *walker, const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->base_count; i++) walker->walk->visit(walker->walk->context, gw_frame_word(&walker->frame, map->bases[i]));
}

/* Where the run is left, and how many of its frames were met. */
static inline void leave_run(struct walker *walker, const struct gw_frame *known, uintptr_t sp, uint64_t frames)
{
    gw_leave_to(&walker->frame, &known->recipe, sp);
    walker->walk->frames += frames;
    walker->walk->roots += frames * (known->map->slot_count + known->map->base_count);
}

/* Recursion makes frames of one call site follow each other. Each saves the same registers, and where the next one is does
 * not depend on what is read in this one. */
static inline void walk_run(struct walker *walker, const struct gw_frame *known)
{
    struct run run = run_from(walker, known);
    uintptr_t sp = run.sp;
    uint64_t frames = 1;
    visit_registers(walker, known->map);
    for (;; frames++) {
        visit_slots(walker->walk, known->map, sp);
        sp += run.bytes;
        if (gw_recipe_return(&known->recipe, sp) != known->return_address) break;
        visit_saved(walker->walk, &run, sp);
    }
    leave_run(walker, known, sp, frames);
}

#define RUN_FRAMES 32 /* what is fetched for them stays in the first cache until they are visited */

static inline void fetch_young(const struct gw_survey *survey, uintptr_t word)
{
    if (gw_survey_is_young(survey, word)) __builtin_prefetch((uintptr_t *)word - 1);
}

/* How many frames of one call site follow each other from the run's first on, up to RUN_FRAMES; meanwhile fetches the young
 * objects that they refer to. */
static inline unsigned look_ahead(const struct gw_survey *survey, const struct gw_frame *known, const struct run *run)
{
    const struct gw_frame_map *map = known->map;
    uintptr_t sp = run->sp;
    unsigned frames = 0;
    do {
        for (uint32_t i = 0; i < map->slot_count; i++) fetch_young(survey, ((uintptr_t *)sp)[map->slots[i]]);
        sp += run->bytes;
        for (uint32_t i = 0; i < run->saved_count; i++) fetch_young(survey, *((uintptr_t *)sp - run->saved[i]));
    } while (++frames < RUN_FRAMES && gw_recipe_return(&known->recipe, sp) == known->return_address);
    return frames;
}

/* As gw_survey_frame does, for a word of the frame before the one at `next`. */
static inline void survey_word(struct gw_survey *survey, bool has_mark, uintptr_t word, uintptr_t next)
{
    if (!has_mark || gw_survey_is_young(survey, word)) gw_survey_unsettled(survey, next);
}

/* True where the walk may stop. */
static inline bool survey_slots(struct gw_survey *survey, const struct gw_frame_map *map, uintptr_t sp, uintptr_t next)
{
    bool has_mark = gw_frame_map_has_mark(map);
    if (has_mark) gw_survey_mark(survey, sp, (uint64_t *)(sp + (uintptr_t)(intptr_t)map->mark.offset));
    for (uint32_t i = 0; i < map->slot_count; i++) survey_word(survey, has_mark, ((uintptr_t *)sp)[map->slots[i]], next);
    return gw_survey_may_stop(survey, next);
}

static inline void survey_saved(struct gw_survey *survey, const struct gw_frame_map *map, const struct run *run, uintptr_t sp)
{
    for (uint32_t i = 0; i < run->saved_count; i++)
        survey_word(survey, gw_frame_map_has_mark(map), *((uintptr_t *)sp - run->saved[i]), sp + run->bytes);
}

static inline void survey_registers(struct gw_survey *survey, const struct walker *walker, const struct gw_frame_map *map, uintptr_t next)
{
    for (uint32_t i = 0; i < map->base_count; i++)
        survey_word(survey, gw_frame_map_has_mark(map), *gw_frame_word(&walker->frame, map->bases[i]), next);
}

#define RUN_WORDS (2 * RUN_FRAMES)

struct young_words {
    unsigned count;
    uintptr_t *at[RUN_WORDS + 1]; /* the last is written and not counted */
};

static inline void note_young(struct young_words *young, const struct gw_survey *survey, uintptr_t *word)
{
    young->at[young->count] = word;
    if (!gw_survey_is_young(survey, *word)) return;
    __builtin_prefetch((uintptr_t *)*word - 1);
    young->count++;
}

/* What survey_run does where words that are not young need no visit and no mark says which frames have run: looks at each word once, and
 * then visits the young ones, which the processor has fetched meanwhile. */
static inline void survey_young(struct walker *walker, const struct gw_frame *known, const struct run *run)
{
    struct gw_survey *survey = walker->walk->survey;
    const struct gw_frame_map *map = known->map;
    struct young_words young;
    young.count = 0;
    uint32_t words = map->slot_count + run->saved_count, most = words * RUN_FRAMES > RUN_WORDS ? RUN_WORDS / words : RUN_FRAMES;
    uintptr_t sp = run->sp;
    visit_registers(walker, map);
    for (uint32_t frames = 1;; frames++) {
        for (uint32_t i = 0; i < map->slot_count; i++) note_young(&young, survey, (uintptr_t *)sp + map->slots[i]);
        sp += run->bytes;
        if (frames == most || gw_recipe_return(&known->recipe, sp) != known->return_address) {
            leave_run(walker, known, sp, frames);
            break;
        }
        for (uint32_t i = 0; i < run->saved_count; i++) note_young(&young, survey, (uintptr_t *)sp - run->saved[i]);
    }
    for (unsigned i = 0; i < young.count; i++) walker->walk->visit(walker->walk->context, young.at[i]);
    if (words) gw_survey_unsettled(survey, sp);
}

static inline bool is_for_young_alone(const struct gw_survey *survey, const struct gw_frame_map *map, const struct run *run)
{
    return survey->only_young && !gw_frame_map_has_mark(map) && map->slot_count + run->saved_count <= RUN_WORDS;
}

/* The same as walk_run, telling the survey. False where the walk may stop. */
static __attribute__((noinline)) bool survey_run(struct walker *walker, const struct gw_frame *known)
{
    struct gw_survey *survey = walker->walk->survey;
    struct run run = run_from(walker, known);
    uintptr_t sp = run.sp;
    bool names_all = run.saved_count == known->map->base_count; /* places of later frames, too: others go one by one */
    if (names_all && is_for_young_alone(survey, known->map, &run)) {
        survey_young(walker, known, &run);
        return true;
    }
    unsigned frames = names_all ? look_ahead(survey, known, &run) : 1, left = frames;
    visit_registers(walker, known->map);
    survey_registers(survey, walker, known->map, sp + run.bytes);
    for (;;) {
        visit_slots(walker->walk, known->map, sp);
        survey->stopped = survey_slots(survey, known->map, sp, sp + run.bytes);
        sp += run.bytes;
        if (--left == 0 || survey->stopped) break;
        visit_saved(walker->walk, &run, sp);
        survey_saved(survey, known->map, &run, sp);
    }
    leave_run(walker, known, sp, frames - left);
    return !survey->stopped;
}

/* False at the end of the stack. */
static inline bool leave(struct walker *walker, struct gw_frame *known)
{
    if (unlikely(walker->walk->verify)) return leave_and_verify(walker, known);
    return likely(gw_replay(&walker->frame, &known->recipe)) || leave_unknown(walker, known);
}

/* Visits and leaves a managed frame. False at the end of the stack and where the walk may stop. */
static __attribute__((noinline)) bool walk_one(struct walker *walker, struct gw_frame *known)
{
    struct gw_survey *survey = walker->walk->survey;
    visit_frame(walker, known->map);
    bool unsettled = survey && gw_survey_frame(survey, &walker->frame, known->map);
    bool more = leave(walker, known);
    if (!survey) return more;
    if (unsettled) gw_survey_unsettled(survey, more ? walker->frame.sp : UINTPTR_MAX);
    survey->stopped = more && !walker->walk->verify && gw_survey_may_stop(survey, walker->frame.sp);
    return more && !survey->stopped;
}

/* Visits and leaves managed frames until a frame is not one. False at the end of the stack and where the walk may
 * stop. */
static bool walk_managed(struct walker *walker, struct gw_frame *known)
{
    while (known) {
        bool more = true;
        if (unlikely(!is_plain(walker->walk, known))) more = walk_one(walker, known);
        else if (walker->walk->survey) more = survey_run(walker, known);
        else walk_run(walker, known);
        if (unlikely(!more)) return false;
        if (walker->frame.pc != known->return_address) known = gw_frame_table_find(&walker->registry->frames, walker->frame.pc);
    }
    return true;
}

/* Whether the code is nobody's: code made at run time is in the maps by all its functions. */
static bool is_native(const struct walker *walker, uintptr_t pc)
{
    uintptr_t function = gw_unwind_function_at(pc);
    return !function || gw_registry_describes(walker->registry, function);
}

/* Crosses frames of unmanaged code until a managed one, which it returns, or the end of the stack: NULL. */
static struct gw_frame *cross_native(struct walker *walker)
{
    struct gw_machine_frame *frame = &walker->frame;
    gw_unwinder_start(&walker->unwinder, frame);
    for (;;) {
        if (gw_registry_find_code(walker->registry, frame->pc)) fatal_no_map(frame->pc);
        if (!is_native(walker, frame->pc)) fatal_half_registered(frame->pc);
        uintptr_t pc = frame->pc, sp = frame->sp;
        enum gw_unwound left = gw_unwinder_step(&walker->unwinder, frame);
        if (left == GW_UNWOUND_NO_INFO) fatal_no_unwind_info(pc);
        if (left == GW_UNWOUND_END) return NULL;
        if (walker->walk->native_part && !walker->unwinder.interrupted)
            walker->walk->native_part(walker->walk->native_context, sp, frame->sp);
        struct gw_frame *known = gw_frame_table_find(&walker->registry->frames, frame->pc);
        if (unlikely(walker->unwinder.interrupted)) {
            /* An interrupted frame stopped at an instruction, not at a call: its map, if any, does not apply. */
            if (known || gw_registry_find_code(walker->registry, frame->pc + 1)) fatal_interrupted(frame->pc);
            if (walker->walk->survey) walker->walk->survey->lost = true; /* maybe on another stack from here on */
        }
        if (known) return known;
    }
}

static bool has_managed_code(const struct gw_registry *registry)
{
    const struct gw_registered *module = registry->modules;
    while (module && !module->high) module = module->next;
    return module;
}

/* Where all roots are on the shadow stack, native frames need not be crossed. A JIT that registers nothing, or no maps, looks the same. */
static bool has_frames_to_visit(const struct gw_registry *registry, uintptr_t pc)
{
    if (has_managed_code(registry) || gw_unwind_knows_code()) return true;
    if (!gw_os_is_loaded(pc)) fatal_unregistered(pc);
    return false;
}

void gw_walk_stack(struct gw_walk *walk, const struct gw_entry *entry)
{
    struct walker walker;
    walker.walk = walk;
    walker.registry = gw_registry_read();
    walker.frame = gw_frame_outside(entry);
    struct gw_survey *survey = walk->survey;
    if (survey) gw_survey_begin(survey, walker.frame.sp);
    struct gw_frame *known = gw_frame_table_find(&walker.registry->frames, walker.frame.pc);
    bool managed = has_frames_to_visit(walker.registry, walker.frame.pc), more = managed;
    while (more && walk_managed(&walker, known)) {
        known = cross_native(&walker);
        more = known != NULL;
    }
    walk->end = managed && !(survey && survey->stopped) ? walker.frame.sp : 0;
    if (survey) gw_survey_end(survey, walker.frame.sp, walk->visit, walk->context);
    gw_registry_read_end();
}
