/* Two names for each function of the runtime.
 *
 * Source and LLVM IR say gw_alloc. Object code says greywave_alloc, and that is what the runtime exports: the plug-in's last
 * pass gives calls their other name. So code that has not been through the passes, whose references nobody would find, does not
 * link, and a JIT does not find what it calls. Compilers without the plug-in, for which there is nothing to find, use the other
 * name from the start. The list is the one of all functions that greywave.h and abi.h declare for code to call.
 */
#ifndef GREYWAVE_NAMES_H
#define GREYWAVE_NAMES_H

/* clang-format off */
#define GW_FUNCTIONS_(f)                                                                                               \
    f(add_roots) f(add_roots_tracked) f(alloc) f(alloc_array) f(alloc_room) f(array_copy) f(attach) f(barrier_range)   \
    f(barrier_slow) f(blocking_call) f(check_copy) f(check_store) f(check_word) f(collect) f(collect_step) f(detach) f(disable)         \
    f(enable) f(ephemeron_clear) f(ephemeron_key) f(ephemeron_new) f(ephemeron_set) f(ephemeron_value) f(error_text)   \
    f(external_memory) f(external_memory_bytes) f(finalize) f(finalize_whole_chains) f(finalize_with)                  \
    f(finalizer_queue_free) f(finalizer_queue_length) f(finalizer_queue_new) f(finalizer_queue_next) f(freeze)         \
    f(frozen_objects) f(get_pause_histogram) f(get_pauses) f(get_stats) f(handle_copy) f(handle_free) f(handle_get) f(handle_new)     \
    f(handle_set) f(heap_create) f(heap_destroy) f(heap_snapshot) f(heap_walk) f(identity_hash) f(init) f(is_enabled)  \
    f(is_pinned) f(length) f(mark_variable) f(marks_unwound) f(module_forget) f(module_in_use) f(module_register)      \
    f(module_unregister) f(no_collect_begin) f(no_collect_end) f(options_parse) f(outside_call) f(path_to) f(pin)       \
    f(poll_slow) f(profile_start) f(profile_stop) f(profile_write) f(referents) f(referrers) f(refuse_immediate) f(remove_roots) \
    f(request_stop) f(roots_changed) \
    f(run_finalizers) f(run_finalizers_at_allocation) f(scope_begin) f(scope_end) f(scope_end_with) f(scope_handle)    \
    f(set_hooks) f(set_oom_handler) f(set_stop_handler) f(shadow_reserve) f(sort) f(sort_r) f(stack_add) f(stack_bounds) f(stack_current)  \
    f(stack_free) f(stack_is_done) f(stack_leave) f(stack_new) f(stack_switch) f(stack_switch_by) f(stack_unbind) f(stack_yield) \
    f(stackmaps_register) f(stackmaps_unregister) f(stopped_call) f(trace_edge) f(trace_runs) f(trace_start) f(trace_stop)             \
    f(trace_tagged) f(type_of) f(unfreeze) f(unpin) f(unwind_register) f(unwind_unregister) f(verify) f(version)       \
    f(weak_clear) f(weak_get) f(weak_map_count) f(weak_map_each) f(weak_map_get) f(weak_map_new) f(weak_map_remove)    \
    f(weak_map_set) f(weak_new)

/* clang-format on */

#ifdef __GREYWAVE__
/* A file that calls nothing may still hold references. It refers to this name, which nobody defines, until the passes have
 * been there: the linker then says what is wrong. */
#ifdef __cplusplus
extern "C" const char gw_this_code_has_not_seen_the_greywave_passes;
#else
extern const char gw_this_code_has_not_seen_the_greywave_passes;
#endif
__attribute__((used, nodebug)) static const char *const gw_wants_passes_ = &gw_this_code_has_not_seen_the_greywave_passes;
#else
#define GW_PRAGMA_(text) _Pragma(#text)
#define GW_LINK_NAME_(function) GW_PRAGMA_(redefine_extname gw_##function greywave_##function)
GW_FUNCTIONS_(GW_LINK_NAME_)
#endif

#endif
