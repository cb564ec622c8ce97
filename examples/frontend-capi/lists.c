/* Building the IR. What makes it collected code is all here:
 *
 *   - references have the type `ptr addrspace(1)`;
 *   - objects come from gw_alloc, which is given a constant of type struct gw_type;
 *   - stores of references are plain stores: the passes put barriers in front of them.
 *
 * No function is marked, no root is registered: greywave_run_pipeline finds out. */
#include "lists.h"

#include <greywave/abi.h>
#include <stddef.h>

enum { REFERENCE_SPACE = 1, CELLS_A_ROUND = 100 };

/* What every function needs; one for each module. */
struct frontend {
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder;
    LLVMTypeRef reference, pointer, word;
};

static struct frontend begin(LLVMContextRef context, const char *name)
{
    return (struct frontend){
        .context = context,
        .module = LLVMModuleCreateWithNameInContext(name, context),
        .builder = LLVMCreateBuilderInContext(context),
        .reference = LLVMPointerTypeInContext(context, REFERENCE_SPACE),
        .pointer = LLVMPointerTypeInContext(context, 0),
        .word = LLVMInt64TypeInContext(context),
    };
}

static LLVMModuleRef end(struct frontend *frontend)
{
    LLVMDisposeBuilder(frontend->builder);
    return frontend->module;
}

static LLVMValueRef word(struct frontend *frontend, long value)
{
    return LLVMConstInt(frontend->word, (unsigned long long)value, 1);
}

/* ---- Types ----------------------------------------------------------------------------------------- */

static LLVMValueRef constant(struct frontend *frontend, const char *name, LLVMValueRef value)
{
    LLVMValueRef global = LLVMAddGlobal(frontend->module, LLVMTypeOf(value), name);
    LLVMSetInitializer(global, value);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    return global;
}

/* The struct gw_type of a cell: a reference at offset 0, a word at offset 8. */
static LLVMValueRef cell_type(struct frontend *frontend)
{
    LLVMContextRef context = frontend->context;
    LLVMTypeRef half = LLVMInt32TypeInContext(context);
    LLVMValueRef none = LLVMConstNull(frontend->pointer);
    LLVMValueRef offsets[] = {LLVMConstInt(half, 0, 0)};
    LLVMValueRef fields[] = {
        constant(frontend, "cell.name", LLVMConstStringInContext(context, "cell", 4, 0)),
        LLVMConstInt(half, 16, 0), /* size */
        LLVMConstInt(half, 0, 0),  /* flags */
        LLVMConstInt(half, 1, 0),  /* reference fields */
        LLVMConstInt(half, 0, 0),  /* the rest is for arrays */
        LLVMConstInt(half, 0, 0),
        LLVMConstInt(half, 0, 0),
        constant(frontend, "cell.offsets", LLVMConstArray(half, offsets, 1)),
        none, /* trace */
        none, /* destroy */
        none, /* layout */
    };
    LLVMValueRef type = constant(frontend, "cell.type", LLVMConstStructInContext(context, fields, 11, 0));
    LLVMSetAlignment(type, _Alignof(struct gw_type));
    return type;
}

/* ---- Functions ------------------------------------------------------------------------------------- */

static LLVMValueRef declare(struct frontend *frontend, const char *name, LLVMTypeRef result, LLVMTypeRef *parameters, unsigned count)
{
    LLVMValueRef known = LLVMGetNamedFunction(frontend->module, name);
    return known ? known : LLVMAddFunction(frontend->module, name, LLVMFunctionType(result, parameters, count, 0));
}

static LLVMValueRef declare_list_function(struct frontend *frontend, const char *name)
{
    LLVMTypeRef parameters[] = {frontend->reference, frontend->word};
    return declare(frontend, name, frontend->reference, parameters, 2);
}

static LLVMValueRef call(struct frontend *frontend, LLVMValueRef function, LLVMValueRef *arguments, unsigned count)
{
    return LLVMBuildCall2(frontend->builder, LLVMGlobalGetValueType(function), function, arguments, count, "");
}

static LLVMValueRef call_list_function(struct frontend *frontend, const char *name, LLVMValueRef list, LLVMValueRef word)
{
    LLVMValueRef arguments[] = {list, word};
    return call(frontend, declare_list_function(frontend, name), arguments, 2);
}

static LLVMBasicBlockRef block(struct frontend *frontend, LLVMValueRef function, const char *name)
{
    return LLVMAppendBasicBlockInContext(frontend->context, function, name);
}

static LLVMValueRef field(struct frontend *frontend, LLVMValueRef cell, long offset)
{
    LLVMValueRef index = word(frontend, offset);
    return LLVMBuildInBoundsGEP2(frontend->builder, LLVMInt8TypeInContext(frontend->context), cell, &index, 1, "");
}

static void build_prepend(struct frontend *frontend)
{
    LLVMBuilderRef b = frontend->builder;
    LLVMValueRef function = declare_list_function(frontend, "prepend"), type = cell_type(frontend);
    LLVMPositionBuilderAtEnd(b, block(frontend, function, "entry"));
    LLVMValueRef cell = call(frontend, declare(frontend, "gw_alloc", frontend->reference, &frontend->pointer, 1), &type, 1);
    LLVMBuildStore(b, LLVMGetParam(function, 0), field(frontend, cell, 0));
    LLVMBuildStore(b, LLVMGetParam(function, 1), field(frontend, cell, 8));
    LLVMBuildRet(b, cell);
}

/* A loop with two values that change, of which the first ends it. */
struct loop {
    LLVMValueRef function, counter, other;
    LLVMBasicBlockRef before, head, body, after;
};

static struct loop begin_loop(struct frontend *frontend, LLVMValueRef function, LLVMValueRef counter, LLVMValueRef other)
{
    LLVMBuilderRef b = frontend->builder;
    struct loop loop = {.function = function, .before = LLVMGetInsertBlock(b)};
    loop.head = block(frontend, function, "head");
    loop.body = block(frontend, function, "body");
    loop.after = block(frontend, function, "after");
    LLVMBuildBr(b, loop.head);
    LLVMPositionBuilderAtEnd(b, loop.head);
    loop.counter = LLVMBuildPhi(b, LLVMTypeOf(counter), "");
    loop.other = LLVMBuildPhi(b, LLVMTypeOf(other), "");
    LLVMAddIncoming(loop.counter, &counter, &loop.before, 1);
    LLVMAddIncoming(loop.other, &other, &loop.before, 1);
    return loop;
}

/* Stands at the end of the head: leaves the loop when the two are equal. */
static void leave_when_equal(struct frontend *frontend, struct loop *loop, LLVMValueRef one, LLVMValueRef two)
{
    LLVMValueRef done = LLVMBuildICmp(frontend->builder, LLVMIntEQ, one, two, "");
    LLVMBuildCondBr(frontend->builder, done, loop->after, loop->body);
    LLVMPositionBuilderAtEnd(frontend->builder, loop->body);
}

static void end_loop(struct frontend *frontend, struct loop *loop, LLVMValueRef counter, LLVMValueRef other)
{
    LLVMBasicBlockRef here = LLVMGetInsertBlock(frontend->builder);
    LLVMAddIncoming(loop->counter, &counter, &here, 1);
    LLVMAddIncoming(loop->other, &other, &here, 1);
    LLVMBuildBr(frontend->builder, loop->head);
    LLVMPositionBuilderAtEnd(frontend->builder, loop->after);
}

static void build_total(struct frontend *frontend)
{
    LLVMBuilderRef b = frontend->builder;
    LLVMValueRef function = declare(frontend, "total", frontend->word, &frontend->reference, 1);
    LLVMPositionBuilderAtEnd(b, block(frontend, function, "entry"));
    struct loop loop = begin_loop(frontend, function, LLVMGetParam(function, 0), word(frontend, 0));
    leave_when_equal(frontend, &loop, loop.counter, LLVMConstNull(frontend->reference));
    LLVMValueRef next = LLVMBuildLoad2(b, frontend->reference, field(frontend, loop.counter, 0), "");
    LLVMValueRef value = LLVMBuildLoad2(b, frontend->word, field(frontend, loop.counter, 8), "");
    end_loop(frontend, &loop, next, LLVMBuildAdd(b, loop.other, value, ""));
    LLVMBuildRet(b, loop.other);
}

/* A variable that keeps a list: a root, like every variable of a type that shows references, in whatever module. */
static LLVMValueRef variable(struct frontend *frontend, const char *name, const char *section)
{
    LLVMValueRef made = LLVMAddGlobal(frontend->module, frontend->reference, name);
    LLVMSetInitializer(made, LLVMConstNull(frontend->reference));
    if (section) LLVMSetSection(made, section);
    return made;
}

/* `k` below 0: the function's second argument. The list is in a variable of the module's own between calls. */
static void build_extend(struct frontend *frontend, const char *name, long k)
{
    LLVMBuilderRef b = frontend->builder;
    LLVMValueRef function = declare_list_function(frontend, name), newest = variable(frontend, "newest", NULL);
    LLVMSetLinkage(newest, LLVMInternalLinkage);
    LLVMPositionBuilderAtEnd(b, block(frontend, function, "entry"));
    LLVMValueRef round = k < 0 ? LLVMGetParam(function, 1) : word(frontend, k);
    LLVMValueRef first = LLVMBuildMul(b, round, word(frontend, CELLS_A_ROUND), "");
    LLVMValueRef last = LLVMBuildAdd(b, first, word(frontend, CELLS_A_ROUND), "");
    LLVMBuildStore(b, LLVMGetParam(function, 0), newest);
    struct loop loop = begin_loop(frontend, function, first, LLVMGetParam(function, 0));
    leave_when_equal(frontend, &loop, loop.counter, last);
    LLVMValueRef rest = LLVMBuildLoad2(b, frontend->reference, newest, "");
    LLVMValueRef list = call_list_function(frontend, "prepend", rest, loop.counter);
    LLVMBuildStore(b, list, newest);
    end_loop(frontend, &loop, LLVMBuildAdd(b, loop.counter, word(frontend, 1), ""), list);
    LLVMBuildRet(b, loop.other);
}

/* Adds what a variable keeps to `sum`. */
static LLVMValueRef add_total(struct frontend *frontend, LLVMValueRef sum, LLVMValueRef variable)
{
    LLVMValueRef list = LLVMBuildLoad2(frontend->builder, frontend->reference, variable, "");
    LLVMValueRef total = call(frontend, LLVMGetNamedFunction(frontend->module, "total"), &list, 1);
    return LLVMBuildAdd(frontend->builder, sum, total, "");
}

/* `kept` is a root in this frame from the first round to the last; two variables hold a list each meanwhile. `second`: the other one, of
 * this module or another. */
static void build_run(struct frontend *frontend, LLVMValueRef second)
{
    LLVMBuilderRef b = frontend->builder;
    LLVMValueRef function = declare(frontend, "run", frontend->word, &frontend->word, 1), none;
    LLVMValueRef first = variable(frontend, "first", NULL);
    LLVMPositionBuilderAtEnd(b, block(frontend, function, "entry"));
    none = LLVMConstNull(frontend->reference);
    LLVMBuildStore(b, call_list_function(frontend, "prepend", none, word(frontend, 20000)), first);
    LLVMBuildStore(b, call_list_function(frontend, "prepend", none, word(frontend, 300000)), second);
    LLVMValueRef kept = call_list_function(frontend, "prepend", none, word(frontend, 7));
    struct loop loop = begin_loop(frontend, function, word(frontend, 0), none);
    leave_when_equal(frontend, &loop, loop.counter, LLVMGetParam(function, 0));
    LLVMValueRef list = call_list_function(frontend, "extend", loop.other, loop.counter);
    end_loop(frontend, &loop, LLVMBuildAdd(b, loop.counter, word(frontend, 1), ""), list);
    LLVMValueRef total = LLVMGetNamedFunction(frontend->module, "total");
    LLVMValueRef sum = call(frontend, total, &loop.other, 1);
    sum = LLVMBuildAdd(b, sum, call(frontend, total, &kept, 1), "");
    LLVMBuildRet(b, add_total(frontend, add_total(frontend, sum, first), second));
}

static LLVMValueRef second_variable(struct frontend *frontend)
{
    return variable(frontend, "second", "kept_lists");
}

LLVMModuleRef lists_module(LLVMContextRef context, int is_whole)
{
    struct frontend frontend = begin(context, "lists");
    build_prepend(&frontend);
    build_total(&frontend);
    if (is_whole) build_extend(&frontend, "extend", -1);
    build_run(&frontend, is_whole ? second_variable(&frontend) : LLVMAddGlobal(frontend.module, frontend.reference, "second"));
    return end(&frontend);
}

LLVMModuleRef lists_variable_module(LLVMContextRef context)
{
    struct frontend frontend = begin(context, "variable");
    second_variable(&frontend);
    return end(&frontend);
}

LLVMModuleRef lists_round_module(LLVMContextRef context, const char *name, long k)
{
    struct frontend frontend = begin(context, name);
    build_extend(&frontend, name, k);
    return end(&frontend);
}
