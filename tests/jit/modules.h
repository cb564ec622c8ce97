/* What the JIT's test compiles, as IR. @K@ stands for a number, so that modules of one text live side by side. */
#ifndef TESTS_JIT_MODULES_H
#define TESTS_JIT_MODULES_H

#define TYPE "%type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }\n"
#define CELL(name, type)                                                                                                                   \
    "@cell.name = private constant [5 x i8] c\"" name "\\00\"\n"                                                                           \
    "@cell.offsets = private constant [1 x i32] [i32 0]\n"                                                                                 \
    "@" type " = constant %type { ptr @cell.name, i32 16, i32 0, i32 1, i32 0, i32 0, i32 0, ptr @cell.offsets, ptr null, ptr null, "      \
    "ptr null }, align 16\n"
#define PREPEND(name, type)                                                                                                                \
    "declare ptr addrspace(1) @gw_alloc(ptr)\n"                                                                                            \
    "define ptr addrspace(1) @" name "(ptr addrspace(1) %list, i64 %value) {\n"                                                            \
    "  %cell = call ptr addrspace(1) @gw_alloc(ptr @" type ")\n"                                                                           \
    "  store ptr addrspace(1) %list, ptr addrspace(1) %cell\n"                                                                             \
    "  %v = getelementptr inbounds i8, ptr addrspace(1) %cell, i64 8\n"                                                                    \
    "  store i64 %value, ptr addrspace(1) %v\n"                                                                                            \
    "  ret ptr addrspace(1) %cell\n}\n"

/* Stays from the first lookup to the session's end. */
static const char lists[] = TYPE CELL("cell", "cell_type") PREPEND("prepend", "cell_type") R"(
define i64 @total(ptr addrspace(1) %list) {
entry:
  br label %head
head:
  %at = phi ptr addrspace(1) [ %list, %entry ], [ %next, %body ]
  %sum = phi i64 [ 0, %entry ], [ %more, %body ]
  %end = icmp eq ptr addrspace(1) %at, null
  br i1 %end, label %done, label %body
body:
  %next = load ptr addrspace(1), ptr addrspace(1) %at
  %v = getelementptr inbounds i8, ptr addrspace(1) %at, i64 8
  %value = load i64, ptr addrspace(1) %v
  %more = add i64 %sum, %value
  br label %head
done:
  ret i64 %sum
}
)";

/* Variables of every kind, and a function and a variable that each such module has and one gives to all. fill leaves a list of twice the
 * value in each, makes n lists that nobody keeps, and adds up: a digit 2 for each variable, and one for the frame. */
static const char keeper[] = R"(
$twice = comdat any
$shared_root = comdat any
@inner_@K@ = internal global ptr addrspace(1) null
@outer_@K@ = global ptr addrspace(1) null
@apart_@K@ = global { i64, ptr addrspace(1) } { i64 5, ptr addrspace(1) null }, section "kept_apart"
@many_@K@ = internal global [200 x ptr addrspace(1)] zeroinitializer
@mixed_@K@ = internal global { ptr, ptr addrspace(1) } { ptr @prepend, ptr addrspace(1) null }
@shared_root = linkonce_odr global ptr addrspace(1) null, comdat
declare ptr addrspace(1) @prepend(ptr addrspace(1), i64)
declare i64 @total(ptr addrspace(1))
define i64 @before_@K@(ptr addrspace(1) %list) {
  %more = call ptr addrspace(1) @twice(ptr addrspace(1) %list, i64 1)
  %sum = call i64 @total(ptr addrspace(1) %list)
  ret i64 %sum
}
define linkonce_odr ptr addrspace(1) @twice(ptr addrspace(1) %list, i64 %value) noinline comdat {
  %once = call ptr addrspace(1) @prepend(ptr addrspace(1) %list, i64 %value)
  %again = call ptr addrspace(1) @prepend(ptr addrspace(1) %once, i64 %value)
  ret ptr addrspace(1) %again
}
define void @clear_@K@() {
  store ptr addrspace(1) null, ptr @inner_@K@
  store ptr addrspace(1) null, ptr @outer_@K@
  store ptr addrspace(1) null, ptr getelementptr ({ i64, ptr addrspace(1) }, ptr @apart_@K@, i64 0, i32 1)
  store ptr addrspace(1) null, ptr getelementptr ([200 x ptr addrspace(1)], ptr @many_@K@, i64 0, i64 77)
  store ptr addrspace(1) null, ptr getelementptr ({ ptr, ptr addrspace(1) }, ptr @mixed_@K@, i64 0, i32 1)
  store ptr addrspace(1) null, ptr @shared_root
  ret void
}
define i64 @fill_@K@(i64 %n) {
entry:
  %a = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 1)
  store ptr addrspace(1) %a, ptr @inner_@K@
  %b = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 10)
  store ptr addrspace(1) %b, ptr @outer_@K@
  %c = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 100)
  store ptr addrspace(1) %c, ptr getelementptr ({ i64, ptr addrspace(1) }, ptr @apart_@K@, i64 0, i32 1)
  %d = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 1000)
  store ptr addrspace(1) %d, ptr getelementptr ([200 x ptr addrspace(1)], ptr @many_@K@, i64 0, i64 77)
  %e = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 10000)
  store ptr addrspace(1) %e, ptr @shared_root
  %g = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 1000000)
  store ptr addrspace(1) %g, ptr getelementptr ({ ptr, ptr addrspace(1) }, ptr @mixed_@K@, i64 0, i32 1)
  %f = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 100000)
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %next, %head ]
  %lost = call ptr addrspace(1) @twice(ptr addrspace(1) null, i64 %i)
  %kept = call i64 @before_@K@(ptr addrspace(1) %f)
  %next = add i64 %i, 1
  %end = icmp uge i64 %next, %n
  br i1 %end, label %done, label %head
done:
  %inner = load ptr addrspace(1), ptr @inner_@K@
  %one = call i64 @total(ptr addrspace(1) %inner)
  %outer = load ptr addrspace(1), ptr @outer_@K@
  %two = call i64 @total(ptr addrspace(1) %outer)
  %apart = load ptr addrspace(1), ptr getelementptr ({ i64, ptr addrspace(1) }, ptr @apart_@K@, i64 0, i32 1)
  %three = call i64 @total(ptr addrspace(1) %apart)
  %many = load ptr addrspace(1), ptr getelementptr ([200 x ptr addrspace(1)], ptr @many_@K@, i64 0, i64 77)
  %four = call i64 @total(ptr addrspace(1) %many)
  %shared = load ptr addrspace(1), ptr @shared_root
  %five = call i64 @total(ptr addrspace(1) %shared)
  %mixed = load ptr addrspace(1), ptr getelementptr ({ ptr, ptr addrspace(1) }, ptr @mixed_@K@, i64 0, i32 1)
  %six = call i64 @total(ptr addrspace(1) %mixed)
  %s1 = add i64 %one, %two
  %s2 = add i64 %s1, %three
  %s3 = add i64 %s2, %four
  %s4 = add i64 %s3, %five
  %s5 = add i64 %s4, %kept
  %s6 = add i64 %s5, %six
  ret i64 %s6
}
)";

/* Native code of the host's calls back, and leaves by longjmp or an exception. `native` holds no
 * references, and stands in between; `guarded` has a cleanup of its own, which sees the reference again. */
static const char through[] = R"(
declare void @back(ptr addrspace(1), i64)
declare ptr addrspace(1) @prepend(ptr addrspace(1), i64)
declare i64 @total(ptr addrspace(1))
declare i32 @__gxx_personality_v0(...)
@cleaned = global i64 0
define i64 @through(i64 %how) {
  %list = call ptr addrspace(1) @prepend(ptr addrspace(1) null, i64 42)
  call void @back(ptr addrspace(1) %list, i64 %how)
  %sum = call i64 @total(ptr addrspace(1) %list)
  ret i64 %sum
}
define i64 @native(i64 %how) {
  %sum = call i64 @through(i64 %how) noinline
  %more = add i64 %sum, 1
  ret i64 %more
}
define i64 @guarded(i64 %how) personality ptr @__gxx_personality_v0 {
  %list = call ptr addrspace(1) @prepend(ptr addrspace(1) null, i64 43)
  invoke void @back(ptr addrspace(1) %list, i64 %how) to label %fine unwind label %thrown
fine:
  %sum = call i64 @total(ptr addrspace(1) %list)
  ret i64 %sum
thrown:
  %exception = landingpad { ptr, i32 } cleanup
  %more = call ptr addrspace(1) @prepend(ptr addrspace(1) %list, i64 1)
  %all = call i64 @total(ptr addrspace(1) %more)
  store i64 %all, ptr @cleaned
  resume { ptr, i32 } %exception
}
)";

/* A type of its own, whose objects die before it does. */
static const char own_type[] = TYPE CELL("gone", "own_type_@K@") PREPEND("own_prepend_@K@", "own_type_@K@") R"(
define i64 @own_@K@(i64 %n) {
entry:
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %next, %head ]
  %list = phi ptr addrspace(1) [ null, %entry ], [ %longer, %head ]
  %longer = call ptr addrspace(1) @own_prepend_@K@(ptr addrspace(1) %list, i64 %i)
  %next = add i64 %i, 1
  %end = icmp uge i64 %next, %n
  br i1 %end, label %done, label %head
done:
  %v = getelementptr inbounds i8, ptr addrspace(1) %longer, i64 8
  %last = load i64, ptr addrspace(1) %v
  ret i64 %last
}
)";

/* Functions a megabyte apart: each calls the next, and a stretch of code that does nothing lies between. */
static const char wide_end[] = R"(
declare ptr addrspace(1) @prepend(ptr addrspace(1), i64)
declare i64 @total(ptr addrspace(1))
define i64 @wide_@K@(i64 %n) {
  %list = call ptr addrspace(1) @prepend(ptr addrspace(1) null, i64 %n)
  %sum = call i64 @total(ptr addrspace(1) %list)
  ret i64 %sum
}
)";
static const char wide_function[] = R"(
define void @stretch_@K@() noinline {
  call void asm sideeffect ".skip 1000000, 0x90", ""()
  ret void
}
define i64 @wide_@K@(i64 %n) {
  %kept = call ptr addrspace(1) @prepend(ptr addrspace(1) null, i64 @K@)
  call void @stretch_@K@()
  %rest = call i64 @wide_@NEXT@(i64 %n)
  %mine = call i64 @total(ptr addrspace(1) %kept)
  %sum = add i64 %rest, %mine
  ret i64 %sum
}
)";

/* Refused: an address inside an object is passed on. */
static const char refused[] = R"(
declare void @use(ptr addrspace(1))
define void @f(ptr addrspace(1) %o) {
  %p = getelementptr i8, ptr addrspace(1) %o, i64 8
  call void @use(ptr addrspace(1) %p)
  ret void
}
)";

/* Not valid: a value is used before it is there. */
static const char invalid[] = "define i64 @f() {\n  %a = add i64 %b, 1\n  %b = add i64 1, 1\n  ret i64 %a\n}\n";

/* With lines, which a debugger is told of. */
static const char lined[] = R"(
declare ptr addrspace(1) @prepend(ptr addrspace(1), i64)
declare i64 @total(ptr addrspace(1))
define i64 @lined(i64 %n) !dbg !3 {
  %list = call ptr addrspace(1) @prepend(ptr addrspace(1) null, i64 %n), !dbg !6
  %sum = call i64 @total(ptr addrspace(1) %list), !dbg !7
  ret i64 %sum, !dbg !7
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug)
!1 = !DIFile(filename: "lined", directory: "/")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = distinct !DISubprogram(name: "lined", scope: !1, file: !1, line: 1, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!4 = !DISubroutineType(types: !5)
!5 = !{null}
!6 = !DILocation(line: 2, column: 1, scope: !3)
!7 = !DILocation(line: 3, column: 1, scope: !3)
)";

/* For the options of the passes: each shows in the module that comes out. */
static const char asked[] = R"(
declare void @use(ptr addrspace(1))
declare i64 @peek(i64) "gc-leaf-function"
define ptr addrspace(1) @f(ptr addrspace(1) %o, i64 %n, ptr %unknown) {
entry:
  call void @use(ptr addrspace(1) %o)
  store ptr addrspace(1) %o, ptr %unknown
  br label %head
head:
  %i = phi i64 [ %n, %entry ], [ %less, %head ]
  %less = call i64 @peek(i64 %i)
  %end = icmp eq i64 %less, 0
  br i1 %end, label %done, label %head
done:
  %same = add i64 %less, 0
  %deep = call ptr addrspace(1) @f(ptr addrspace(1) %o, i64 %same, ptr %unknown)
  ret ptr addrspace(1) %deep
}
)";

#endif
