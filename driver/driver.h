/* What gwcc has read so far, and the command that it makes of it. */
#ifndef GW_DRIVER_DRIVER_H
#define GW_DRIVER_DRIVER_H

#include "words.h"

#include <limits.h>

struct driver {
    const char *llvm;          /* "22" */
    const char *roots;         /* "statepoint" */
    const char *gcc;           /* the program, or NULL: clang */
    const char *target;        /* the machine of --target, as in names of folders, or NULL: this one */
    bool print;                /* --print-command */
    bool links;                /* no -c, -S, -E or the like */
    bool is_static;            /* -static */
    bool is_partial;           /* -r: what comes out is linked once more */
    bool names_libraries;      /* -nostdlib, -nodefaultlibs: no library but those on the command line, the runtime neither */
    bool wants_plugin_options; /* -mllvm -greywave-…: the plug-in must be loaded before options are read */
    bool has_lto;              /* -flto or -flto=thin: the plug-in works at the link */
    const char *unusable_lto;  /* an option of link-time optimisation that goes with neither, or NULL */
    const char *unusable_code; /* an option that makes code in which GCC's frames cannot be followed, or NULL */
    const char *refused;       /* an option with which clang's code cannot be made, or would be wrong, or NULL */
    const char *refused_why;
    bool names_linker;  /* -fuse-ld=…, --ld-path=… */
    bool optimises;     /* -O1 or more */
    bool wants_remarks; /* -Rpass=… */
    bool polls;         /* --polls */
    bool has_threads;   /* -pthread */
    bool frame_marks;   /* --frame-marks */
    bool places_roots;  /* -mllvm with an option of LLVM's for roots in registers: none of ours */
    bool no_check;      /* --no-check */
    bool has_input;
    const char *ir;         /* an input of LLVM IR, or NULL */
    bool is_cplusplus;      /* called as gwc++: the compiler for C++, and its library is linked */
    bool has_cplusplus;     /* the same, or a C++ source among the inputs: its library is linked */
    char prefix[PATH_MAX];  /* the directory above bin */
    const char *language;   /* of the inputs that follow, by -x; NULL: by their names */
    struct words arguments; /* for the compiler; heap-allocated strings and pointers into argv */
    struct words linked;    /* what may be an input of the linker: files, -lNAME */
    struct words libraries; /* where the linker looks for -lNAME: -L, LIBRARY_PATH */
};

/* LLVM's options for roots in registers that calls preserve. */
#define MOST_REGISTER_ROOTS "-max-registers-for-gc-values"
#define REGISTER_ROOTS "-fixup-allow-gcptr-in-csr"

/* For the compiler's command: the pointer is kept. */
void push(struct driver *driver, const char *argument);
void push_format(struct driver *driver, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether --roots= says so. */
bool finds_by(const struct driver *driver, const char *roots);

/* Ends the process with a message, and status 2. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool starts_with(const char *text, const char *prefix);
/* `list` ends with NULL. */
bool is_one_of(const char *text, const char *const *list);

#endif
