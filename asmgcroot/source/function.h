/* One function of the compiler's output with all its parts: hot, cold, jump tables, landing pads. */
#ifndef GW_ASMGCROOT_FUNCTION_H
#define GW_ASMGCROOT_FUNCTION_H

#include "text/complaint.h"
#include "x86_64/instruction.h"
#include "text/vector.h"

struct section {
    struct text name, arguments; /* of the directive: `.text`, or `.section` with its list */
    struct text group;           /* COMDAT group, or empty */
    struct text anchor;          /* a local label in it, for link-order; empty until one is seen */
    uint32_t same_name;          /* an earlier section of this name in another group, + 1; or 0 */
    bool code, debug, exceptions;
};

struct label {
    struct text name;
    uint32_t at; /* index of the instruction behind it */
    bool entry;  /* a name that others may jump or call to */
};

/* A run of the function's instructions in one section. */
struct part {
    uint32_t first; /* instruction */
    uint32_t section;
    uint32_t canonical; /* the first part of that section: the assembler puts what follows behind it */
    struct text symbol; /* its first byte, never preemptible; empty when nothing names it */
};

/* Entries of a jump table, or of whatever else mentions labels in data. */
struct table {
    struct text name;
    uint32_t first, count; /* in function.targets */
};

struct call_site_range { /* of the exception table: calls between two labels, and where they land */
    struct text start, end, pad;
};

/* What the compiler says with -dA about the end of one of its blocks: "# SUCC:", in front of the block's last instruction. */
struct block_note {
    uint32_t first; /* instruction of the block */
    uint32_t at;    /* and the first that the last one became: more than one of inline assembler, or none */
    unsigned line;  /* of the note, or 0: there is none */
    struct text successors;
};

struct function {
    struct text name;
    bool weak;            /* may be replaced by another of its name */
    bool has_block_notes; /* compiled with -dA: calls that do not return are known */
    bool comes_back;      /* a longjmp, or a goto from a nested function, may lead into it */
    bool splits_stack;    /* -fsplit-stack */
    unsigned markers, calls;
    unsigned lost_note;   /* line of a note that tells of an instruction which is not there, or 0 */
    struct origin origin; /* the first line of the program that is known, a marker's if there is one */
    VECTOR(struct instruction) instructions;
    VECTOR(struct label) labels;
    VECTOR(struct part) parts;
    VECTOR(struct table) tables;
    VECTOR(struct text) targets;
    VECTOR(struct call_site_range) pads;
    VECTOR(uint32_t) block_starts; /* by the compiler's number: first instruction + 1, or 0 */
    VECTOR(struct block_note) notes;
    VECTOR(uint32_t) label_index; /* open-addressed by name: label + 1 */
};

void function_clear(struct function *function);
void function_free(struct function *function);

/* For a complaint about an instruction: its line of the program, or else one of the function's. */
struct where function_where(const struct function *function, const struct instruction *instruction);

void function_add_label(struct function *function, struct text name, bool entry);
/* The label, or NULL. Not for numeric labels. */
const struct label *function_label(const struct function *function, struct text name);
/* Where a jump at instruction `from` to `target` leads: an instruction, or -1 when outside the function. Knows 1f and
 * 1b. */
int64_t function_target(const struct function *function, uint32_t from, struct text target);
/* Whether the instruction at `at` is a jump out of the function, which counts as a call. */
bool function_leaves_by_jump(const struct function *function, uint32_t at);
/* Notes that the compiler's block `number` begins here. Numbers beyond any function's are ignored, and so is what it says of
 * them. */
void function_begin_block(struct function *function, uint32_t number);
/* The first instruction of the compiler's block `number`, or -1. */
int64_t function_block(const struct function *function, uint32_t number);
const struct table *function_table(const struct function *function, struct text name);
/* All that the function has in one section is one part, whatever stands in between. */
const struct part *function_part(const struct function *function, uint32_t instruction);
/* The instruction that the assembler puts behind `at`, or -1 when `at` is the function's last one in its section. */
int64_t function_next(const struct function *function, uint32_t at);

#endif
