/* Left out on purpose: what takes a function of the program's (qsort, bsearch, atexit, pthread_create, …). What may run
 * one through a stream with hooks is of no concern, since glibc's own streams have none. exit runs handlers. */
#include "leaf_calls.h"

static const char *const names[] = {
    /* the runtime: declared GW_NOCOLLECT in greywave.h and abi.h */
    "greywave_error_text", "greywave_version", "greywave_options_parse", "greywave_trace_edge", "greywave_length", "greywave_type_of", "greywave_set_oom_handler",
    "greywave_immediate_word", "greywave_handle_new", "greywave_handle_get", "greywave_handle_set", "greywave_handle_free", "greywave_array_copy",
    "greywave_disable", "greywave_enable", "greywave_is_enabled", "greywave_get_stats", "greywave_module_register", "greywave_module_unregister",
    "greywave_stackmaps_register", "greywave_stackmaps_unregister", "greywave_barrier_slow", "greywave_barrier_range", "greywave_shadow_reserve",
    "gw_module_load", "gw_module_unload",
    /* string.h, strings.h */
    "memcpy", "memmove", "memset", "memcmp", "memchr", "memrchr", "mempcpy", "strlen", "strnlen", "strcmp", "strncmp",
    "strcpy", "strncpy", "stpcpy", "strcat", "strncat", "strchr", "strrchr", "strstr", "strspn", "strcspn", "strpbrk",
    "strtok", "strdup", "strndup", "strerror", "strcoll", "strcasecmp", "strncasecmp", "rawmemchr", "__rawmemchr",
    "__memcpy_chk", "__memmove_chk", "__memset_chk", "__strcpy_chk", "__strcat_chk", "__strdup", "bzero", "bcmp",
    /* stdio.h */
    "printf", "fprintf", "sprintf", "snprintf", "vprintf", "vfprintf", "vsnprintf", "vsprintf", "puts", "fputs",
    "putchar", "fputc", "putc", "_IO_putc", "getc", "_IO_getc", "fgetc", "getchar", "fgets", "ungetc", "fread",
    "fwrite", "fopen", "fclose", "fflush", "fseek", "ftell", "rewind", "feof", "ferror", "clearerr", "perror", "scanf",
    "fscanf", "sscanf", "__isoc99_scanf", "__isoc99_fscanf", "__isoc99_sscanf", "__printf_chk", "__fprintf_chk",
    "__sprintf_chk", "__snprintf_chk", "__vfprintf_chk", "__vsnprintf_chk", "getline", "getdelim", "remove", "rename",
    "setvbuf", "setbuf", "fileno",
    /* stdlib.h */
    "malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "atoi", "atol", "atoll", "atof", "strtol",
    "strtoul", "strtoll", "strtoull", "strtod", "strtof", "rand", "srand", "random", "srandom", "rand_r", "getenv",
    "setenv", "abort", "abs", "labs", "div", "ldiv", "_exit", "quick_exit", "__stack_chk_fail", "__assert_fail",
    "__errno_location", "__ctype_b_loc", "__ctype_tolower_loc", "__ctype_toupper_loc", "__tls_get_addr",
    /* ctype.h */
    "isalpha", "isdigit", "isalnum", "isspace", "isupper", "islower", "ispunct", "isprint", "isxdigit", "toupper",
    "tolower",
    /* time.h, unistd.h, math.h */
    "time", "clock", "clock_gettime", "gettimeofday", "nanosleep", "usleep", "sleep", "read", "write", "open", "close",
    "lseek", "getpid", "sysconf", "isatty", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "exp2", "log",
    "log2", "log10", "pow", "sqrt", "cbrt", "floor", "ceil", "round", "trunc", "fmod", "fabs", "fmin", "fmax", "lround",
    "llround", "sincos", "hypot", "ldexp", "frexp",
    /* profiling and C++ */
    "mcount", "__fentry__", "__cxa_begin_catch", "__cxa_allocate_exception", "__cxa_free_exception",
    "__cxa_guard_acquire", "__cxa_guard_release", "__cxa_guard_abort", "__cxa_get_exception_ptr", "_Znwm", "_ZdlPv",
    "_ZdlPvm", "_Znam", "_ZdaPv"};

#define SLOTS 1024u
static const char *table[SLOTS];

static const char **find(struct text name)
{
    for (uint64_t i = text_hash(name);; i++) {
        const char **slot = &table[i % SLOTS];
        if (!*slot || (strlen(*slot) == name.size && memcmp(*slot, name.at, name.size) == 0)) return slot;
    }
}

bool is_leaf_call(struct text name)
{
    if (!*find(TEXT("memcpy")))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            *find((struct text){names[i], strlen(names[i])}) = names[i];
    return *find(name) != NULL;
}
