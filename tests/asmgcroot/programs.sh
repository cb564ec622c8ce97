#!/bin/sh
# Whole programs whose assembler is not of the usual kind: names in UTF-8 and in quotes, `asm goto` that jumps in whatever way,
# directives and calls in capitals, references in pieces of vectors, the functions that never collect, complaints that name the line
# of C. Right under stress, or refused in words.
#
# usage: programs.sh <build folder> <gcc>
set -eu
build=$1 gcc=$2

folder=$(mktemp -d "${TMPDIR:-/tmp}/greywave.XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
failures=0

compile() { "$build/bin/gwcc" --roots=asm --gcc="$gcc" -std=gnu17 -w "$@"; }

# prints <text> <status> <option or file>...: what is compiled from them prints the text under stress, at each level
prints() {
    text=$1 expected=$2
    shift 2
    for level in -O0 -O1 -O2 -O3; do
        status=0
        : >out
        compile $level "$@" -o program 2>err && { GREYWAVE=stress=alloc,poison=1,verify=1,verify-walk=1 timeout 60 ./program >out 2>err || status=$?; }
        [ "$(cat out)" = "$text" ] && [ "$status" -eq "$expected" ] && continue
        echo "$gcc $level $*: status $status, or this is not '$text':"
        cat out err
        failures=$((failures + 1))
    done
}

# refused <text> <option or file>...: at each level the compiler fails, and a line says the text
refused() {
    text=$1
    shift
    for level in -O0 -O1 -O2 -O3; do
        if ! compile $level -c "$@" -o refused.o >err 2>&1 && grep -qF -- "$text" err && [ ! -e refused.o ]; then continue; fi
        echo "$gcc $level $*: compiles, or no line says: $text"
        cat err
        failures=$((failures + 1))
    done
}

cat >node.h <<'END'
#include <greywave/greywave.h>
#include <stdio.h>
struct node { struct node *next; long value; };
GW_TYPE_FIELDS(node, struct node, next);
__attribute__((noinline)) static struct node *mk(long v) { struct node *n; GW_CALL(n = gw_new(node)); n->value = v; return n; }
END

# ---- Names ------------------------------------------------------------------------------------------------

cat >names.c <<'END'
#include "node.h"
long quoted(struct node *a, struct node *b) __asm__("\"my-func (2)\"");
long blank(struct node *a, struct node *b) __asm__("\"of two words\"");
__attribute__((noinline)) long größe(struct node *a, struct node *b) { struct node *n; GW_CALL(n = mk(1), a, b); return n->value + a->value + b->value; }
__attribute__((noinline)) long quoted(struct node *a, struct node *b) { long n; GW_CALL(n = größe(a, b), a, b); return n + a->value + b->value; }
__attribute__((noinline)) long blank(struct node *a, struct node *b) { long n; GW_CALL(n = quoted(a, b), a, b); return n + a->value + b->value; }
long by_hand(struct node *a, struct node *b);
int main(void)
{
    struct node *a, *b;
    long s = 0, r;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 100; i++) {
        GW_CALL(a = mk(2));
        GW_CALL(b = mk(3), a);
        GW_CALL(r = by_hand(a, b));
        s += r;
    }
    printf("%ld\n", s); /* 100 * (1 + 3 * (2 + 3) + 2) */
    return 0;
}
END
cat >by_hand.s <<'END'
	.text
	.globl by_hand
by_hand:
	.cfi_startproc
	PUSHQ	%RBX
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	movq	%rdi, %rbx
	CALL	"of two words"
# BLOCK 2
	/* GCROOT %rbx */
	addq	8(%rbx), %rax
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
# SUCC: EXIT
	ret
	.cfi_endproc
	.section .note.GNU-stack,"",@progbits
END
prints 1800 0 names.c by_hand.s
prints 1800 0 -fPIC -pie -fno-plt names.c by_hand.s

# ---- Jumps that the text does not show -----------------------------------------------------------------------

cat >hidden.c <<'END'
#include "node.h"
static volatile int zero;
__attribute__((always_inline)) static inline long work(void)
{
    long v = 5;
    if (zero) goto out;
    v = mk(6)->value;
    asm goto(JUMP : : : "rax", "memory" : out);
    __builtin_trap();
out:
    return v;
}
__attribute__((noinline)) static long f(struct node *a) { long v; GW_CALL(v = work(), a); return v + a->value; }
int main(void)
{
    long s = 0;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 300; i++) { struct node *a = mk(7); s += f(a); }
    printf("%ld\n", s); /* 300 * (6 + 7) */
    return 0;
}
END
while read -r jump; do prints 3900 0 "-DJUMP=$jump" -no-pie hidden.c; done <<'END'
"jmp %l[out]"
"JMP %l[out]"
"movq $%l[out], %%rax; jmp *%%rax"
"leaq %l[out](%%rip), %%rax\n\tnop\n\tjmp *%%rax"
"xorl %%eax, %%eax; test %%eax, %%eax; je %l[out]; ud2"
".pushsection .elsewhere, \"ax\"; 1: jmp %l[out]; .popsection; jmp 1b"
END

# ---- Functions that return twice -----------------------------------------------------------------------------

# f has its reference in a register across the call; what it calls holds none, and leaves the register alone or saves it first.
cat >twice.c <<'END'
#include "node.h"
#include <setjmp.h>
static jmp_buf out;
__attribute__((noinline)) static void leave(void) { mk(1); mk(2); longjmp(out, 1); }
__attribute__((noinline)) static int escapes(void) { KEEP; if (setjmp(out)) return 1; leave(); return 0; }
__attribute__((noinline)) static long f(struct node *a) { int left; GW_CALL(left = escapes(), a); return left + a->value; }
int main(void)
{
    long s = 0;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 100; i++) { struct node *a = mk(7); s += f(a); }
    printf("%ld\n", s); /* 100 * (1 + 7) */
    return 0;
}
END
for options in '' '-fPIC -fno-plt' '-mcmodel=large -fno-pic -no-pie'; do
    # shellcheck disable=SC2086 # several options
    prints 800 0 '-DKEEP=__builtin_unwind_init()' $options twice.c
done
refused 'write __builtin_unwind_init(); in this function' '-DKEEP=(void)0' twice.c

# ---- Words of the frame ----------------------------------------------------------------------------------------

# Variables that live one after the other, filled by calls through their addresses: GCC would give them the same words, where numbers lie
# before the references, and leave out what initialises p.
cat >words.c <<'END'
#include "node.h"
struct numbers { long a[6]; };
struct pieces { struct node *a; long n; struct node *b; long m[3]; };
__attribute__((noinline)) static long number(struct numbers *x, long k) { for (int i = 0; i < 6; i++) x->a[i] = k + 1000; mk(9); return x->a[k % 6]; }
__attribute__((noinline)) static struct pieces both(long k) { struct node *a = mk(k), *b; GW_CALL(b = mk(5), a); return (struct pieces){a, k, b, {1, 2, 3}}; }
__attribute__((noinline)) static void fill(struct node **out, long v) { *out = NULL; struct node *n = mk(v); *out = n; }
__attribute__((noinline)) static long f(long k)
{
    long s = 0, q;
    for (int i = 0; i < 3; i++) {
        if ((i + k) & 1) { struct numbers x; s += number(&x, k); mk(1); }
        { struct pieces r = both(k); GW_CALL(q = mk(3)->value, r.a, r.b); s += q + r.a->value + r.b->value + r.n; }
        if ((i + k) & 1) { long x = k; struct node *p = NULL; mk(x); fill(&p, 7); GW_CALL(q = mk(2)->value, p); s += q + p->value; }
        else { struct numbers x; s += number(&x, k); mk(1); }
    }
    return s;
}
int main(void)
{
    long s = 0;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 100; i++) s += f(i);
    printf("%ld\n", s); /* for each k and each of 3 turns: 1000 + k once, 3 + k + 5 + k, and 2 + 7 in every other turn */
    return 0;
}
END
prints 348300 0 words.c
prints 348300 0 -fstack-reuse=all -fipa-modref words.c

# What is returned in memory into variables whose addresses are known elsewhere goes into words of the frame first, and all such results share
# these, numbers and references alike.
cat >results.c <<'END'
#include "node.h"
struct numbers { long a, b, c; };
struct result { struct node *node; long b, c; };
__attribute__((noipa)) static struct numbers numbers(long k) { struct numbers r = {0x1234560 + k * 16, k, k}; mk(k); return r; }
__attribute__((noipa)) static struct result result(long k) { struct node *n; GW_CALL(n = mk(k)); return (struct result){n, k, k}; }
__attribute__((noipa)) static void see(void *x, void *y) {}
__attribute__((noipa)) static long shared(long k)
{
    struct result x = {0};
    struct numbers y = {0}, *z = &y;
    struct node *p, *q, *n;
    see(&x, &y);
    *z = numbers(k);
    x = result(k);
    p = x.node;
    GW_CALL(q = mk(2), p);
    x = result(k + 1);
    n = x.node;
    GW_CALL(q = mk(3), p, n);
    return p->value + q->value + n->value + z->a;
}
int main(void)
{
    long s = 0;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 100; i++) s += shared(i);
    printf("%ld\n", s); /* for each k: k + 3 + k + 1 + 0x1234560 + 16 * k */
    return 0;
}
END
prints 1908963100 0 -fno-strict-aliasing results.c

# NULL out of a variable that was found to be NULL, and else holds an address inside an object, which no map may list.
cat >inside.c <<'END'
#include "node.h"
__attribute__((noinline)) static long chosen(long *inside, struct node *a, struct node *b)
{
    struct node *n, *p;
    GW_CALL(n = mk(1), a, b);
    p = inside ? a : NULL;
    GW_CALL(n = mk(n->value), p, b);
    return (p ? p->value : n->value) + b->value;
}
__attribute__((noinline)) static long branched(long *inside, struct node *a)
{
    struct node *n, *p = NULL, *x, *y, *z;
    GW_CALL(n = mk(2), a);
    GW_CALL(x = mk(3), a, n);
    GW_CALL(y = mk(4), a, n, x);
    GW_CALL(z = mk(5), a, n, x, y);
    if (inside) GW_CALL(p = mk(6), a, n, x, y, z);
    GW_CALL(n = mk(n->value), p, a, x, y, z);
    return (p ? p->value : n->value) + a->value + x->value + y->value + z->value;
}
int main(void)
{
    long s = 0;
    struct node *a, *b;
    if (gw_init("nursery=64k")) return 3;
    GW_CALL(a = mk(10));
    GW_CALL(b = mk(20), a);
    for (int i = 0; i < 100; i++) {
        GW_CALL(s += chosen(i % 3 ? &a->value : NULL, a, b), a, b);
        GW_CALL(s += branched(i % 3 ? &a->value : NULL, a), a, b);
    }
    printf("%ld\n", s); /* 10 + 20 and 6 + 10 + 3 + 4 + 5 in 66 turns, 1 + 20 and 2 + 10 + 3 + 4 + 5 in 34 */
    return 0;
}
END
prints 5358 0 inside.c

# Structs that calls fill, in whatever register they get the address; parts of large ones, by memset, and copied by memcpy.
cat >filled.c <<'END'
#include "node.h"
#include <string.h>
struct pair { long n; struct node *a, *b; };
struct large { long m[40]; struct node *a; long n[40]; struct node *b; };
__attribute__((noinline)) static void fill(long n, struct pair *p) { struct node *a = mk(n), *b; GW_CALL(b = mk(n + 1), a); *p = (struct pair){n, a, b}; }
__attribute__((noinline)) static void fill_large(long n, struct large *p) { struct node *a = mk(n), *b; GW_CALL(b = mk(n + 1), a); p->a = a; p->b = b; p->m[3] = n; }
__attribute__((noinline)) static void look(struct large *p) { p->n[5] = 9; }
__attribute__((noinline)) static long each(long k)
{
    long s = 0, q;
    for (long i = 0; i < k; i++) { struct pair p; fill(i, &p); GW_CALL(q = mk(1)->value, p.a, p.b); s += q + p.a->value + p.b->value; }
    return s; /* each turn: 1 + i + i + 1 */
}
__attribute__((noinline)) static long again(long k)
{
    long s = 0, q;
    struct pair p;
    fill(k, &p);
    for (long i = 0; i < k; i++) { GW_CALL(q = mk(i)->value, p.a, p.b); if (q & 1) fill(i, &p); s += p.b->value; }
    return s; /* k + 1 in the first turn, then 1 + the last odd i */
}
__attribute__((noinline)) static long parts(long k)
{
    long s = 0, q;
    struct pair p, x = {0, NULL, NULL};
    p.a = NULL;
    for (long i = 0; i < k; i++) {
        fill(i, &p);
        GW_CALL(q = mk(2)->value, p.a, p.b, x.a, x.b);
        s += q + p.b->value + (x.b ? x.b->value : 0);
        p.b = p.a;
        GW_CALL(q = mk(3)->value, p.a, p.b, x.a, x.b);
        s += q + p.b->value;
        x = p;
    }
    return s; /* each turn: 2 + i + 1, i - 1 but in the first, 3 + i */
}
__attribute__((noinline)) static long large(long k)
{
    long s = 0, q;
    struct node *a, *b, *c;
    struct large x, y, z;
    mk(1);
    fill_large(k, &x);
    memset(&y, 0, sizeof y);
    look(&y);
    for (long i = 0; i < k; i++) {
        mk(i);
        a = x.a;
        b = y.b;
        GW_CALL(q = mk(4)->value, a, b);
        s += q + a->value + (b ? b->value : 0) + y.n[5];
        memcpy(&z, &x, sizeof z);
        GW_CALL(q = mk(1)->value, b);
        c = z.b;
        GW_CALL(q += mk(1)->value, c, b);
        s += q + c->value;
        fill_large(i, &x);
    }
    return s; /* each turn: 4 + v + 9, 2 + v + 1, where v is k at first, then i - 1 */
}
int main(void)
{
    if (gw_init("nursery=64k")) return 3;
    printf("%ld %ld %ld %ld\n", each(20), again(6), parts(10), large(10));
    return 0;
}
END
prints '420 25 186 252' 0 filled.c

# ---- Capitals ------------------------------------------------------------------------------------------------

cat >capitals.c <<'END'
#include "node.h"
void native(void);
__attribute__((noinline)) void native(void) { asm volatile(TEXT); }
__attribute__((noinline)) long f(struct node *a)
{
    long q;
    native();
    GW_CALL(q = mk(1)->value, a);
    struct node *c = a->next, *d = c->next, *n;
    GW_CALL(n = mk(2), c, d);
    return q + n->value + c->value + d->value;
}
int main(void)
{
    long s = 0, r;
    struct node *x, *y;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 100; i++) {
        GW_CALL(x = mk(3));
        GW_CALL(y = mk(4), x);
        GW_STORE(x, next, y);
        GW_STORE(y, next, x);
        GW_CALL(r = f(x), x);
        s += r;
    }
    puts("the end");
    printf("%ld\n", s); /* 100 * (1 + 2 + 4 + 3) */
    return 0;
}
END
while IFS='|' read -r directive text; do
    refused "capitals.c:3: native: a file with references contains a directive under which the text is not what is assembled; leave it out of inline assembler: $directive" \
        "-DTEXT=$text" capitals.c
done <<'END'
.IF 0|".IF 0\n\tcall nowhere\n\t.ENDIF"
.REPT 2|".REPT 2\n\tcall getpid\n\t.ENDR"
.MACRO m|".MACRO m\n\tcall getpid\n\t.ENDM\n\tm"
.Irp a,b,c|".Irp a,b,c\n\tnop\n\t.Endr"
END
for text in '"1: CALL 2f; 2: addq $8, %rsp"' '"/ call nowhere\n\t/* call nowhere */ # call nowhere"' '"Call 1f\n1: POPQ %%RAX" : : : "rax"'; do
    prints 'the end
1000' 0 "-DTEXT=$text" -mno-red-zone capitals.c
done

# ---- Vectors -------------------------------------------------------------------------------------------------

cat >vectors.c <<'END'
#include "node.h"
struct eight { struct node *a, *b, *c, *d, *e, *f, *g, *h; };
static __attribute__((noinline)) long look(const struct eight *s) { return s->a->value + 2 * s->b->value + 3 * s->c->value + 4 * s->d->value + 5 * s->e->value + 6 * s->h->value; }
static __attribute__((noinline)) long four(struct node *a, struct node *b, struct node *c, struct node *d)
{
    struct eight s = {a, b, c, d, d, c, b, a};
    long made;
    GW_CALL(made = mk(1)->value, s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h);
    struct eight t = {s.d, s.c, s.b, s.a, s.h, s.g, s.f, s.e};
    GW_CALL(made += mk(1)->value, t.a, t.b, t.c, t.d, t.e, t.f, t.g, t.h);
    return made + look(&t);
}
int main(void)
{
    long s = 0, r;
    struct node *a, *b, *c, *d;
    if (gw_init("nursery=64k")) return 3;
    for (int i = 0; i < 100; i++) {
        GW_CALL(a = mk(1));
        GW_CALL(b = mk(10), a);
        GW_CALL(c = mk(100), a, b);
        GW_CALL(d = mk(1000), a, b, c);
        GW_CALL(r = four(a, b, c, d));
        s += r;
    }
    printf("%ld\n", s); /* 100 * (2 + 1000 + 200 + 30 + 4 + 5 + 6000) */
    return 0;
}
END
for machine in haswell skylake-avx512 znver1 znver2 znver3; do
    for level in -O0 -O1 -O2 -O3 '-O3 -mprefer-vector-width=512'; do
        # shellcheck disable=SC2086 # several options
        compile $level -march=$machine -c vectors.c || { echo "$gcc $level -march=$machine: vectors.c is refused"; failures=$((failures + 1)); }
    done
done
prints 724100 0 -march=native vectors.c

# ---- Functions that never collect ----------------------------------------------------------------------------

cat >quick_exit.c <<'END'
#include "node.h"
#include <stdlib.h>
static void handler(void) { gw_collect(GW_FULL); puts("the handler ran"); fflush(stdout); }
static __attribute__((noinline)) void leave(struct node *n)
{
    struct node *m;
    GW_CALL(m = gw_new(node), n);
    GW_STORE(m, next, n);
    printf("%ld\n", m->next->value);
    fflush(stdout);
    EXIT(5);
}
int main(void)
{
    struct node *n;
    if (gw_init("max-heap=64m")) return 3;
    AT_EXIT(handler);
    GW_CALL(n = mk(7));
    GW_CALL(leave(n), n);
    return 0;
}
END
for kind in quick_exit exit; do
    at=at_quick_exit
    [ $kind = exit ] && at=atexit
    prints '7
the handler ran' 5 -DEXIT=$kind -DAT_EXIT=$at quick_exit.c
done

# A reference that is loaded out of an array behind such a call is refused behind any other.
cat >loaded.c <<'END'
#include "node.h"
unsigned long f(struct node *x, struct node *y, int i)
{
    struct node *volatile a[4] = {x, y, x, y};
    unsigned long h = (unsigned long)CALLED(x);
    struct node *m = a[i & 3];
    long r = 0;
    GW_CALL(r = mk(1)->value, m);
    return h + (unsigned long)m->value + (unsigned long)r;
}
END
compile -O2 -DCALLED=gw_identity_hash -c loaded.c || failures=$((failures + 1))
refused 'loaded.c:' -DCALLED=mk loaded.c

# All that the headers declare so, and what only looks like them.
{
    printf '\t.text\n\t.type f, @function\nf:\n\t.cfi_startproc\n# BLOCK 2\n'
    "$gcc" -E -P -I"$build/include/.." -x c - <<'END' | grep -o '"[^"]*"' | tr -d '"' | sed 's/^gw_/greywave_/; s/^/\tcall /'
#include "abi/never_collects.h"
GW_RUNTIME_NEVER_COLLECTS GW_LIBRARY_NEVER_COLLECTS GW_MATH_NEVER_COLLECTS
END
    printf '\tcall sinf\n\tcall sqrtl\n\tcall quick_exit\n\tcall qsort\n\tcall _Znwm\n\tcall greywave_collect\n\tcall greywave_path_to\n\tret\n\t.cfi_endproc\n'
} >leaves.s
"$build/bin/gw-asmgcroot" --all --explain f leaves.s | awk '/never collects/ { never++ } /^ +[0-9]+  call/ { calls++ } END { exit !(calls > 300 && calls - never == 5) }' ||
    { echo "gw-asmgcroot knows other functions that never collect"; failures=$((failures + 1)); }

# ---- Lines ---------------------------------------------------------------------------------------------------

for options in '' '-g'; do
    # shellcheck disable=SC2086 # none, or one
    compile -O2 $options -DCALLED=mk -c loaded.c 2>err && failures=$((failures + 1))
    case $options in '') line=8 ;; *) line=5 ;; esac
    grep -q "^loaded.c:$line: f: the reference marked at line 8 " err || { echo "not line $line of C with '$options':"; cat err; failures=$((failures + 1)); }
done
[ "$failures" -eq 0 ]
