/* Functions that never collect, once for all who must know: calls of them are no safepoints. C and C++; each list is one of
 * string literals.
 *
 * The runtime's own are those that the public headers declare GW_NOCOLLECT; tests/never_collects.sh compares the two. Of
 * libraries those that neither call the program back nor run what it installed: qsort, bsearch, scandir, atexit, pthread_create,
 * exit and quick_exit (their handlers), operator new (its handler, and the program may replace it) and the openers of streams
 * with hooks are absent on purpose. Whoever collects all the same, under a hook of a stream say, ends with a fatal
 * message, for the call has no map. */
#ifndef GW_ABI_NEVER_COLLECTS_H
#define GW_ABI_NEVER_COLLECTS_H

/* clang-format off */
#define GW_RUNTIME_NEVER_COLLECTS                                                                                      \
    "gw_barrier_slow", "gw_barrier_range", "gw_check_store", "gw_check_copy", "gw_check_word", "gw_mark_variable",     \
    "gw_marks_unwound", "gw_shadow_reserve", "gw_module_load", "gw_module_unload", "gw_module_without_roots",          \
    "gw_error_text", "gw_version", "gw_options_parse", "gw_trace_edge", "gw_trace_runs", "gw_trace_tagged",            \
    "gw_length", "gw_type_of", "gw_set_oom_handler", "gw_immediate_word", "gw_refuse_immediate", "gw_handle_new", "gw_handle_get",            \
    "gw_handle_set", "gw_handle_copy", "gw_handle_free", "gw_scope_begin", "gw_scope_handle", "gw_scope_end", "gw_scope_end_with",       \
    "gw_array_copy", "gw_disable", "gw_enable", "gw_is_enabled", "gw_no_collect_end", "gw_weak_get", "gw_weak_clear",  \
    "gw_ephemeron_key", "gw_ephemeron_value", "gw_ephemeron_set", "gw_ephemeron_clear", "gw_weak_map_get",             \
    "gw_weak_map_remove", "gw_weak_map_each", "gw_weak_map_count", "gw_finalizer_queue_new",                           \
    "gw_finalizer_queue_free", "gw_finalize_with", "gw_finalizer_queue_next", "gw_finalizer_queue_length",             \
    "gw_finalize_whole_chains", "gw_finalize", "gw_run_finalizers_at_allocation", "gw_identity_hash", "gw_unpin",      \
    "gw_is_pinned", "gw_frozen_objects", "gw_external_memory", "gw_external_memory_bytes", "gw_get_stats",             \
    "gw_heap_walk", "gw_trace_start", "gw_trace_stop", "gw_referents", "gw_referrers", "gw_get_pauses",                \
    "gw_get_pause_histogram", "gw_set_hooks", "gw_request_stop", "gw_set_stop_handler", "gw_module_forget", "gw_module_register", "gw_module_unregister",        \
    "gw_stackmaps_register", "gw_stackmaps_unregister", "gw_unwind_register", "gw_unwind_unregister",                  \
    "gw_roots_changed", "gw_stack_add", "gw_stack_current", "gw_stack_free", "gw_stack_bounds", "gw_stack_is_done",    \
    "gw_stack_leave", "gw_stack_unbind", "gw_profile_start", "gw_profile_write", "gw_profile_stop"

#define GW_LIBRARY_NEVER_COLLECTS                                                                                      \
    /* memory and strings */                                                                                           \
    "memchr", "memcmp", "memcpy", "memmem", "memmove", "memrchr", "memset", "mempcpy", "bcmp", "bcopy", "bzero",       \
    "explicit_bzero", "stpcpy", "stpncpy", "strcasecmp", "strcasestr", "strcat", "strchr", "strchrnul",                \
    "strcmp", "strcoll", "strcpy", "strcspn", "strdup", "strerror", "strlen", "strncasecmp", "strncat",                \
    "strncmp", "strncpy", "strndup", "strnlen", "strpbrk", "strrchr", "strsep", "strspn", "strstr", "strtok",          \
    "strtok_r", "strxfrm", "rawmemchr", "__rawmemchr", "__strdup", "__strndup", "__memcpy_chk", "__memmove_chk",       \
    "__mempcpy_chk", "__memset_chk", "__explicit_bzero_chk", "__stpcpy_chk", "__stpncpy_chk", "__strcat_chk",          \
    "__strcpy_chk", "__strncat_chk", "__strncpy_chk", "memccpy", "swab", "__mempcpy", "wmemcpy", "wmemmove",           \
    "wmempcpy", "wmemset", "__wmemcpy_chk", "__wmemmove_chk", "__wmempcpy_chk", "__wmemset_chk",                       \
    "strverscmp", "strsignal", "basename", "dirname", "wcslen", "wcsnlen", "wcscmp", "wcsncmp", "wcscasecmp",          \
    "wcsncasecmp", "wcscpy", "wcsncpy", "wcpcpy", "wcscat", "wcsncat", "wcschr", "wcsrchr", "wcsstr", "wcsspn",        \
    "wcscspn", "wcspbrk", "wcstok", "wcscoll", "wcsxfrm", "wmemchr", "wmemcmp", "wcsdup", "mblen", "mbtowc",           \
    "wctomb", "mbrlen", "mbrtowc", "wcrtomb", "mbstowcs", "wcstombs", "mbsrtowcs", "wcsrtombs", "btowc", "wctob",      \
    "__wcscpy_chk", "__wcsncpy_chk", "__wcscat_chk", "__wcsncat_chk", "__wctomb_chk", "__wcrtomb_chk",                 \
    "__mbstowcs_chk", "__wcstombs_chk", "__mbsrtowcs_chk", "__wcsrtombs_chk",                                          \
    "__atomic_load", "__atomic_store", "__atomic_exchange", "__atomic_compare_exchange",                               \
    /* numbers and characters */                                                                                       \
    "abs", "labs", "llabs", "div", "ldiv", "lldiv", "atoi", "atol", "atoll", "atof", "strtol", "strtoll",              \
    "strtoul", "strtoull", "strtod", "strtof", "strtold", "rand", "srand", "random", "srandom", "rand_r",              \
    "drand48", "lrand48", "__isoc23_strtol", "__isoc23_strtoul", "__isoc23_strtoll", "__isoc23_strtoull",              \
    "isalpha", "isdigit", "isalnum", "isspace", "isupper", "islower", "ispunct", "isprint", "isxdigit",                \
    "iscntrl", "isgraph", "isblank", "tolower", "toupper", "__ctype_b_loc", "__ctype_tolower_loc",                     \
    "__ctype_toupper_loc", "__ctype_get_mb_cur_max", "__errno_location",                                               \
    "strtoimax", "strtoumax", "wcstol", "wcstoul", "wcstoll", "wcstoull", "wcstod", "wcstof", "wcstold",               \
    "iswalpha", "iswdigit", "iswalnum", "iswspace", "iswupper", "iswlower", "iswpunct", "iswprint", "towlower",        \
    "towupper", "__isoc23_wcstol", "__isoc23_wcstoul", "__isoc23_strtoimax", "__isoc23_strtoumax",                     \
    /* native memory */                                                                                                \
    "malloc", "calloc", "realloc", "reallocarray", "free", "aligned_alloc", "posix_memalign", "mmap", "munmap",        \
    /* output and input on ordinary streams and descriptors */                                                         \
    "printf", "fprintf", "dprintf", "sprintf", "snprintf", "asprintf", "vprintf", "vfprintf", "vdprintf",              \
    "vsprintf", "vsnprintf", "vasprintf", "puts", "fputs", "putchar", "putc", "fputc", "_IO_putc", "fwrite",           \
    "fflush", "perror", "scanf", "fscanf", "sscanf", "vscanf", "vfscanf", "vsscanf", "fgets", "fgetc", "getc",         \
    "_IO_getc", "getchar", "fread", "ungetc", "fopen", "fclose", "feof", "ferror", "clearerr", "fseek", "ftell",       \
    "rewind", "setvbuf", "setbuf", "fileno", "getline", "getdelim", "remove", "rename", "open", "close", "read",       \
    "write", "lseek", "__printf_chk", "__fprintf_chk", "__dprintf_chk", "__sprintf_chk", "__snprintf_chk",             \
    "__asprintf_chk", "__vprintf_chk", "__vfprintf_chk", "__vdprintf_chk", "__vsprintf_chk", "__vsnprintf_chk",        \
    "__vasprintf_chk", "__fgets_chk", "__fread_chk", "__read_chk", "__isoc99_scanf", "__isoc99_sscanf",                \
    "__isoc99_fscanf", "__isoc99_vscanf", "__isoc99_vsscanf", "__isoc99_vfscanf", "__isoc23_scanf",                    \
    "__isoc23_sscanf", "__isoc23_fscanf",                                                                              \
    "swprintf", "vswprintf", "wprintf", "fwprintf", "vwprintf", "vfwprintf", "fputws", "fgetws", "fputwc",             \
    "fgetwc", "putwc", "getwc", "fseeko", "ftello", "fseeko64", "ftello64", "pread", "pwrite", "pread64",              \
    "pwrite64", "__pread_chk", "__pread64_chk", "__swprintf_chk", "__vswprintf_chk", "__wprintf_chk",                  \
    "__fwprintf_chk", "access", "stat", "lstat", "fstat", "fstatat", "stat64", "lstat64", "fstat64", "unlink",         \
    "rmdir", "mkdir", "chdir", "getcwd", "readlink", "symlink", "link", "chmod", "truncate", "ftruncate",              \
    "__getcwd_chk", "__readlink_chk", "__realpath_chk", "realpath", "send", "recv", "sendto", "recvfrom",              \
    "__recv_chk", "__recvfrom_chk", "inet_pton", "inet_ntop", "__inet_pton_chk", "__inet_ntop_chk",                    \
    /* time and process */                                                                                             \
    "time", "clock", "clock_gettime", "gettimeofday", "nanosleep", "usleep", "sleep", "getenv", "setenv",              \
    "getpid", "getrusage", "isatty", "sysconf", "sched_yield", "abort", "_exit", "_Exit", "__assert_fail",             \
    "__stack_chk_fail", "__chk_fail", "__fdelt_chk",                                                                   \
    "difftime", "gmtime", "localtime", "gmtime_r", "localtime_r", "asctime_r", "ctime_r", "mktime", "timegm",          \
    "strftime", "wcsftime", "strptime", "clock_getres",                                                                \
    /* what compilers call by themselves */                                                                            \
    "__tls_get_addr", "mcount", "__fentry__", "__cxa_allocate_exception", "__cxa_free_exception",                      \
    "__cxa_begin_catch", "__cxa_get_exception_ptr", "__cxa_guard_acquire", "__cxa_guard_release",                      \
    "__cxa_guard_abort",                                                                                               \
    /* what -fsanitize=undefined calls: it prints, or ends the program */                                              \
    "__ubsan_handle_type_mismatch_v1", "__ubsan_handle_type_mismatch_v1_abort",                                        \
    "__ubsan_handle_alignment_assumption", "__ubsan_handle_alignment_assumption_abort",                                \
    "__ubsan_handle_add_overflow", "__ubsan_handle_add_overflow_abort", "__ubsan_handle_sub_overflow",                 \
    "__ubsan_handle_sub_overflow_abort", "__ubsan_handle_mul_overflow", "__ubsan_handle_mul_overflow_abort",           \
    "__ubsan_handle_negate_overflow", "__ubsan_handle_negate_overflow_abort", "__ubsan_handle_divrem_overflow",        \
    "__ubsan_handle_divrem_overflow_abort", "__ubsan_handle_shift_out_of_bounds",                                      \
    "__ubsan_handle_shift_out_of_bounds_abort", "__ubsan_handle_out_of_bounds",                                        \
    "__ubsan_handle_out_of_bounds_abort", "__ubsan_handle_local_out_of_bounds",                                        \
    "__ubsan_handle_local_out_of_bounds_abort", "__ubsan_handle_builtin_unreachable",                                  \
    "__ubsan_handle_missing_return", "__ubsan_handle_vla_bound_not_positive",                                          \
    "__ubsan_handle_vla_bound_not_positive_abort", "__ubsan_handle_float_cast_overflow",                               \
    "__ubsan_handle_float_cast_overflow_abort", "__ubsan_handle_load_invalid_value",                                   \
    "__ubsan_handle_load_invalid_value_abort", "__ubsan_handle_invalid_builtin",                                       \
    "__ubsan_handle_invalid_builtin_abort", "__ubsan_handle_nonnull_return_v1",                                        \
    "__ubsan_handle_nonnull_return_v1_abort", "__ubsan_handle_nullability_return_v1",                                  \
    "__ubsan_handle_nullability_return_v1_abort", "__ubsan_handle_nonnull_arg", "__ubsan_handle_nonnull_arg_abort",    \
    "__ubsan_handle_nullability_arg", "__ubsan_handle_nullability_arg_abort", "__ubsan_handle_pointer_overflow",       \
    "__ubsan_handle_pointer_overflow_abort", "__ubsan_handle_function_type_mismatch",                                  \
    "__ubsan_handle_function_type_mismatch_abort", "__ubsan_handle_implicit_conversion",                               \
    "__ubsan_handle_implicit_conversion_abort"

/* Each of these also with the suffixes f and l. */
#define GW_MATH_NEVER_COLLECTS                                                                                         \
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh",             \
    "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor", "fma", "fmax", "fmin", "fmod", "frexp",            \
    "hypot", "ilogb", "ldexp", "lgamma", "llrint", "llround", "log", "log10", "log1p", "log2", "logb", "lrint",        \
    "lround", "modf", "nan", "nearbyint", "nextafter", "nexttoward", "pow", "remainder", "remquo", "rint",             \
    "round", "scalbln", "scalbn", "sin", "sincos", "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc"

/* clang-format on */
#endif
