/* Source: Intel's "Software Developer's Manual", volume 2, for what is written implicitly; GCC's machine description
 * i386.md and sse.md for which names occur. */
#include "x86_64/mnemonic.h"

#define A BIT(RAX)
#define C BIT(RCX)
#define D BIT(RDX)
#define B BIT(RBX)
#define SI BIT(RSI)
#define DI BIT(RDI)

#define BY_SUFFIX 255

struct entry {
    const char *names; /* separated by spaces */
    enum operation operation;
    uint16_t implicit;
    uint8_t width; /* bytes (a blend's bits), 0: does not matter, or the registers say it; BY_SUFFIX: b, w, l or q may follow and says it */
};

static const struct entry general[] = {
    {"mov movabs movnti", OP_MOVE, 0, BY_SUFFIX},
    {"lea", OP_LEA, 0, BY_SUFFIX},
    {"add sub adc sbb and or xor shl shr sal sar rol ror rcl rcr shld shrd not neg inc dec btr bts btc bswap imul adcx "
     "adox",
     OP_MODIFY, 0, BY_SUFFIX},
    {"movslq movzbl movzbw movzwl movzbq movzwq movsbl movsbw movsbq movswl movswq andn "
     "bextr blsi blsr blsmsk pdep pext bzhi sarx shlx shrx rorx popcnt lzcnt tzcnt bsf bsr movbe",
     OP_COMPUTE, 0, BY_SUFFIX},
    /* From memory into a general register: without a vector register's name in sight. */
    {"cvtsd2si cvttsd2si cvtss2si cvttss2si vcvtsd2si vcvttsd2si vcvtss2si vcvttss2si", OP_COMPUTE, 0, BY_SUFFIX},
    {"crc32 crc32b crc32w crc32l crc32q", OP_MODIFY, 0, 0},
    {"mulx", OP_MULX, 0, BY_SUFFIX},
    {"cmp", OP_COMPARE, 0, BY_SUFFIX},
    {"test", OP_TEST, 0, BY_SUFFIX},
    {"bt", OP_NOTHING, 0, BY_SUFFIX},
    {"mul div idiv", OP_MULTIPLY, A | D, BY_SUFFIX},
    {"cqto cqo cltd cdq cwtd cwd", OP_IMPLICIT, D, 0},
    {"cltq cdqe cwtl cwde cbtw cbw lahf", OP_IMPLICIT, A, 0},
    {"sahf clc stc cmc", OP_COMPARE, 0, 0},
    {"cld pause mfence lfence sfence emms vzeroupper endbr64 endbr32 cli sti wbinvd incsspq incsspd", OP_NOTHING, 0, 0},
    {"nop", OP_NOTHING, 0, BY_SUFFIX},
    {"prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetchw prefetch prefetchwt1 clflush clflushopt clwb ldmxcsr "
     "vldmxcsr",
     OP_NOTHING, 0, 0},
    {"stmxcsr vstmxcsr", OP_SET, 0, 4},
    {"rdfsbase rdgsbase rdpid rdsspq rdsspd", OP_SET, 0, BY_SUFFIX},
    {"rdrand rdseed", OP_COMPUTE, 0, BY_SUFFIX},
    {"cpuid", OP_IMPLICIT, A | B | C | D, 0},
    {"rdtsc rdpmc xgetbv", OP_IMPLICIT, A | D, 0},
    {"rdtscp", OP_IMPLICIT, A | C | D, 0},
    {"syscall", OP_IMPLICIT, A | C | BIT(R11), 0},
    {"xchg", OP_EXCHANGE, 0, BY_SUFFIX},
    {"xadd", OP_ADD_EXCHANGE, 0, BY_SUFFIX},
    {"cmpxchg", OP_COMPARE_EXCHANGE, A, BY_SUFFIX},
    {"cmpxchg16b", OP_COMPARE_EXCHANGE_PAIR, A | D, 0},
    {"kmovq", OP_MOVE, 0, 8}, /* GCC spills general registers to masks */
    {"push", OP_PUSH, 0, BY_SUFFIX},
    {"pop", OP_POP, 0, BY_SUFFIX},
    {"pushf", OP_PUSH, 0, BY_SUFFIX},
    {"popf", OP_POP, 0, BY_SUFFIX},
    {"leave", OP_ENTER_LEAVE, BIT(RBP) | BIT(RSP), BY_SUFFIX},
    {"call", OP_CALL, 0, BY_SUFFIX},
    {"ret", OP_RETURN, 0, BY_SUFFIX},
    {"iret sysret", OP_RETURN, 0, BY_SUFFIX},
    {"jmp", OP_JUMP, 0, BY_SUFFIX},
    {"ud2 ud1 hlt int3", OP_TRAP, 0, 0},
    {"int", OP_IMPLICIT, A, 0},
    {"xbegin", OP_UNKNOWN, A, 0},
    /* Upwards: `std` is unknown, and so refused. */
    {"stos", OP_STORE_STRING, DI, BY_SUFFIX},
    {"movs", OP_MOVE_STRING, DI | SI, BY_SUFFIX},
    {"lods", OP_UNKNOWN, A | SI, BY_SUFFIX},
    {"scas", OP_COMPARE_STRING, DI, BY_SUFFIX},
    {"cmps", OP_COMPARE_STRING, DI | SI, BY_SUFFIX},
    {"rep repe repz repne repnz lock notrack bnd data16 rex64 cs ds es", OP_PREFIX, 0, 0},
};

static const struct entry vectors[] = {
    {"movq", OP_VECTOR_WORD, 0, 0},
    {"movlps movlpd", OP_VECTOR_LOW, 0, 0},
    {"movsd", OP_VECTOR_SCALAR, 0, 0},
    {"movmskps movmskpd pmovmskb", OP_SET, 0, 0},
    {"pextrb", OP_SET, 0, 1},
    {"pextrw", OP_SET, 0, 2},
    {"pextrd extractps", OP_SET, 0, 4},
    {"movss movd", OP_VECTOR, 0, 4},
    {"movsh", OP_VECTOR, 0, 2},
    {"movhps movhpd", OP_VECTOR_HIGH, 0, 0},
    {"movaps movups movapd movupd movdqa movdqu lddqu movntdq movntps movntpd movntdqa movdqa32 movdqa64 movdqu8 "
     "movdqu16 movdqu32 movdqu64",
     OP_VECTOR_FULL, 0, 0},
    {"punpcklqdq unpcklpd movlhps", OP_VECTOR_UNPACK_LOW, 0, 0},
    {"punpckhqdq unpckhpd", OP_VECTOR_UNPACK_HIGH, 0, 0},
    {"movhlps", OP_VECTOR_HIGH_TO_LOW, 0, 0},
    {"pinsrq", OP_VECTOR_INSERT, 0, 8},
    {"inserti128 insertf128 inserti64x2 insertf64x2 inserti32x4 insertf32x4", OP_VECTOR_INSERT, 0, 16},
    {"inserti64x4 insertf64x4 inserti32x8 insertf32x8", OP_VECTOR_INSERT, 0, 32},
    {"pextrq", OP_VECTOR_EXTRACT, 0, 8},
    {"extracti128 extractf128 extracti64x2 extractf64x2 extracti32x4 extractf32x4", OP_VECTOR_EXTRACT, 0, 16},
    {"extracti64x4 extractf64x4 extracti32x8 extractf32x8", OP_VECTOR_EXTRACT, 0, 32},
    {"pbroadcastq broadcastsd", OP_VECTOR_BROADCAST, 0, 8},
    {"broadcasti128 broadcastf128 broadcasti64x2 broadcastf64x2 broadcasti32x4 broadcastf32x4", OP_VECTOR_BROADCAST, 0, 16},
    {"broadcasti64x4 broadcastf64x4 broadcasti32x8 broadcastf32x8", OP_VECTOR_BROADCAST, 0, 32},
    {"movddup", OP_VECTOR_DOUBLE, 0, 0},
    {"shufpd", OP_VECTOR_SHUFFLE, 0, 0},
    {"shufps", OP_VECTOR_SHUFFLE_HALF_WORDS, 0, 0},
    {"shufi64x2 shuff64x2 shufi32x4 shuff32x4", OP_VECTOR_SHUFFLE_PIECES, 0, 0},
    {"permq permpd", OP_VECTOR_PERMUTE, 0, 0},
    {"permilpd", OP_VECTOR_PERMUTE_IN_PAIRS, 0, 0},
    {"pshufd permilps", OP_VECTOR_PERMUTE_HALF_WORDS, 0, 0},
    {"perm2i128 perm2f128", OP_VECTOR_PERMUTE_HALVES, 0, 0},
    {"blendpd", OP_VECTOR_BLEND, 0, 1},
    {"pblendd blendps", OP_VECTOR_BLEND, 0, 2},
    {"pblendw", OP_VECTOR_BLEND, 0, 4},
    {"alignq", OP_VECTOR_ALIGN, 0, 0},
    {"palignr", OP_VECTOR_ALIGN_BYTES, 0, 0},
    {"psrldq", OP_VECTOR_SHIFT_RIGHT, 0, 0},
    {"pslldq", OP_VECTOR_SHIFT_LEFT, 0, 0},
    {"pxor xorps xorpd pxord pxorq", OP_VECTOR_CLEAR, 0, 0},
    {"ucomiss ucomisd comiss comisd ptest testps testpd ucomish comish", OP_VECTOR_COMPARE, 0, 0},
    {"pcmpestri pcmpistri", OP_VECTOR, C, 0},
};

/* ---- A hash table over both, built at the first look-up -------------------------------------------- */

#define SLOTS 1024u

struct slot {
    struct text name;
    const struct entry *entry;
    bool vector;
};
static struct slot table[SLOTS];

static struct slot *find(struct text name, bool vector)
{
    for (uint64_t i = text_hash(name) + vector;; i++) {
        struct slot *slot = &table[i % SLOTS];
        if (!slot->entry || (slot->vector == vector && text_equal(slot->name, name))) return slot;
    }
}

static void enter(const struct entry *entries, size_t count, bool vector)
{
    for (size_t i = 0; i < count; i++)
        for (const char *at = entries[i].names; *at;) {
            size_t size = strcspn(at, " ");
            struct text name = {at, size};
            *find(name, vector) = (struct slot){name, &entries[i], vector};
            at += size + (at[size] == ' ');
        }
}

static uint8_t suffix_width(char c)
{
    return c == 'b' ? 1 : c == 'w' ? 2 : c == 'l' ? 4 : c == 'q' ? 8 : 0;
}

static struct mnemonic vector_named(struct text name)
{
    struct slot *slot = find(name, true);
    if (!slot->entry && name.at[0] == 'v') slot = find((struct text){name.at + 1, name.size - 1}, true);
    bool converts = text_starts(name, TEXT("cvt")) || text_starts(name, TEXT("vcvt"));
    if (!slot->entry) return (struct mnemonic){.operation = converts ? OP_SET : OP_VECTOR};
    return (struct mnemonic){.operation = slot->entry->operation, .width = slot->entry->width, .implicit = slot->entry->implicit};
}

/* How many bytes of memory an x87 instruction writes: 0, 255 when that is more or not known. */
static uint8_t x87_bytes(struct text name)
{
    char last = name.at[name.size - 1];
    if (text_starts(name, TEXT("fnstcw")) || text_starts(name, TEXT("fstcw")) || text_starts(name, TEXT("fnstsw")) ||
        text_starts(name, TEXT("fstsw")))
        return 2;
    if (text_starts(name, TEXT("fist"))) return name.at[name.size - 2] == 'l' || last == 'q' ? 8 : last == 's' ? 2 : 4;
    if (text_starts(name, TEXT("fstenv")) || text_starts(name, TEXT("fnst"))) return 255;
    if (text_starts(name, TEXT("fst"))) return last == 's' ? 4 : last == 't' ? 10 : 8;
    bool saves = text_starts(name, TEXT("fsave")) || text_starts(name, TEXT("fnsave")) || text_starts(name, TEXT("fbstp"));
    return saves ? 255 : 0;
}

static struct mnemonic x87(struct text name)
{
    uint16_t implicit = text_starts(name, TEXT("fnstsw")) ? A : 0;
    uint8_t bytes = x87_bytes(name);
    if (text_starts(name, TEXT("fxsave")) || text_starts(name, TEXT("fxrstor"))) return (struct mnemonic){.operation = OP_UNKNOWN};
    return (struct mnemonic){.operation = OP_X87, .width = bytes, .implicit = implicit};
}

static uint8_t mask_width(char c)
{
    return c == 'd' ? 4 : suffix_width(c);
}

/* j…, set…, cmov…, x87: whole families by their first letters. */
static struct mnemonic family(struct text name)
{
    if (*name.at == 'j') return (struct mnemonic){.operation = OP_BRANCH};
    if (text_starts(name, TEXT("set"))) return (struct mnemonic){.operation = OP_SET, .width = 1};
    if (text_starts(name, TEXT("cmov"))) return (struct mnemonic){.operation = OP_CMOV};
    if (*name.at == 'f') return x87(name);
    if (text_starts(name, TEXT("cvt")) || text_starts(name, TEXT("vcvt"))) return (struct mnemonic){.operation = OP_SET};
    if (text_starts(name, TEXT("kortest")) || text_starts(name, TEXT("ktest"))) return (struct mnemonic){.operation = OP_VECTOR_COMPARE};
    if (text_starts(name, TEXT("kmov"))) return (struct mnemonic){.operation = OP_SET, .width = mask_width(name.at[name.size - 1])};
    if (*name.at == 'k' || text_starts(name, TEXT("prefetch"))) return (struct mnemonic){.operation = OP_SET};
    return (struct mnemonic){.operation = OP_UNKNOWN};
}

struct mnemonic mnemonic_named(struct text name, bool vector)
{
    if (!table[find(TEXT("mov"), false) - table].entry) {
        enter(general, sizeof general / sizeof *general, false);
        enter(vectors, sizeof vectors / sizeof *vectors, true);
    }
    if (vector) return vector_named(name);
    const struct entry *entry = find(name, false)->entry;
    uint8_t width = entry && entry->width != BY_SUFFIX ? entry->width : 0;
    if (!entry && name.size > 1 && (width = suffix_width(name.at[name.size - 1]))) {
        entry = find((struct text){name.at, name.size - 1}, false)->entry;
        if (entry && entry->width != BY_SUFFIX) entry = NULL;
    }
    if (!entry) return family(name);
    return (struct mnemonic){.operation = entry->operation, .width = width, .implicit = entry->implicit};
}
