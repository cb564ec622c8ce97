// The intrinsics of LLVM 19 and 22 that are understood in functions that hold references.
//
// A row is a name, or the beginning of one when it ends in a dot or star; the longest that fits counts. Names that one of the two
// versions lacks do no harm.
#include "facts/reference_types.h"
#include "known/known_constructs.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{
namespace
{

/// What an intrinsic may be given, or return.
enum class Touches {
    References, // also references and pointers into objects
    Addresses,  // also plain addresses of objects, which it only reads through
    Values,     // neither
    Nothing,    // it may not stand in a function that holds references
};

struct KnownIntrinsic {
    StringRef Name;
    Touches Limit;
    const char *Why;
    const char *Refusal = nullptr; // when there is more to say than that the intrinsic is not known
};

const char Setjmp[] = "exceptions by setjmp and longjmp (SjLj) in a function that holds references; compile for landing pads with tables";
const char Coroutine[] = "coroutines cannot hold references yet; use an ordinary function";
const char OtherCollector[] = "statepoints, patchpoints, deoptimisation or roots of another collector in a function that holds "
                              "references; leave all calls as calls: greywave makes them safepoints";
const char NewPointer[] = "an intrinsic makes a new pointer out of a reference; keep the reference and mask its bits as an integer";
const char Elements[] = "element-wise atomic copies are not supported where references are held; use plain memcpy";
const char Streaming[] = "SME's modes and matrices in a function that holds references; use them in a function of its own";
const char Tags[] = "memory tags in a function that holds references, which objects do not have; use them in a function of its own";
const char Funclets[] = "exception handling by funclets in a function that holds references; use landing pads";

constexpr Touches References = Touches::References, Addresses = Touches::Addresses, Values = Touches::Values, Nothing = Touches::Nothing;

// clang-format off: a table
const KnownIntrinsic Known[] = {
    // ---- memory
    {"llvm.memcpy", References, "copies.cpp makes it typed or opaque, with a barrier"},
    {"llvm.memcpy.inline", References, "the same"},
    {"llvm.memmove", References, "the same"},
    {"llvm.memset", References, "zeroes need no barrier"},
    {"llvm.memset.inline", References, "the same"},
    {"llvm.experimental.memset.pattern", Values, "a pattern of references would need a barrier"},
    {"llvm.masked.load", References, "aggregates.cpp spells it out"},
    {"llvm.masked.store", References, "the same"},
    {"llvm.masked.gather", References, "the same"},
    {"llvm.masked.scatter", References, "the same"},
    {"llvm.masked.expandload", Values, "is not spelled out"},
    {"llvm.masked.compressstore", Values, "is not spelled out"},
    {"llvm.memcpy.element.unordered.atomic", References, "copies.cpp refuses those that may bring references"},
    {"llvm.memmove.element.unordered.atomic", References, "copies.cpp refuses those that may bring references"},
    {"llvm.memset.element.unordered.atomic", Values, "is no copy that copies.cpp knows", Elements},
    {"llvm.prefetch", References, "reads and writes nothing"},
    {"llvm.lifetime.", References, "concerns variables; stack_slots.cpp replaces those of tracked ones"},
    {"llvm.invariant.", References, "RewriteStatepointsForGC takes them away"},
    {"llvm.clear_cache", Values, "writes nothing"},
    {"llvm.load.relative", Values, "reads a table of code"},
    // ---- hints and questions
    {"llvm.assume", References, "what it says of an object is true where it stands"},
    {"llvm.expect", Values, "a hint about a number"},
    {"llvm.expect.with.probability", Values, "the same"},
    {"llvm.is.constant", References, "folded to a constant"},
    {"llvm.objectsize", References, "folded to a constant"},
    {"llvm.fake.use", References, "keeps a value alive for a debugger; it is relocated like any"},
    {"llvm.dbg.", References, "no code"},
    {"llvm.experimental.noalias.scope.decl", References, "no code"},
    {"llvm.donothing", Values, "no code"},
    {"llvm.sideeffect", Values, "no code"},
    {"llvm.pseudoprobe", Values, "no code"},
    {"llvm.reloc.none", Values, "no code"},
    {"llvm.var.annotation", Values, "a variable stays in memory by it, and is tracked there"},
    {"llvm.annotation", Values, "returns the number it is given"},
    {"llvm.codeview.annotation", Values, "no code"},
    {"llvm.ptr.annotation", Values, "dropHints replaces it by its operand"},
    {"llvm.instrprof.", Values, "counts"},
    {"llvm.allow.", Values, "a constant"},
    {"llvm.alloc.token.id", Values, "a constant"},
    {"llvm.arithmetic.fence", Values, "returns the number it is given"},
    {"llvm.ssa.copy", Values, "of a reference it would hide the object"},
    // ---- the frame and the machine
    {"llvm.va_*", Values, "lists are native memory; references in them are refused at the call"},
    {"llvm.stacksave", Values, "variable-length arrays hold no references"},
    {"llvm.stackrestore", Values, "the same"},
    {"llvm.get.dynamic.area.offset", Values, "a number"},
    {"llvm.frameaddress", Values, "an address of the stack"},
    {"llvm.returnaddress", Values, "an address of code"},
    {"llvm.addressofreturnaddress", Values, "an address of the stack"},
    {"llvm.sponentry", Values, "an address of the stack"},
    {"llvm.stackaddress", Values, "an address of the stack"},
    {"llvm.eh.dwarf.cfa", Values, "an address of the stack"},
    {"llvm.eh.typeid.for", Values, "a number"},
    {"llvm.stackprotector", Values, "writes its own word"},
    {"llvm.stackguard", Values, "a number"},
    {"llvm.thread.pointer", Values, "an address of native memory"},
    {"llvm.threadlocal.address", Values, "an address of native memory"},
    {"llvm.read_register", Values, "a number"},
    {"llvm.read_volatile_register", Values, "a number"},
    {"llvm.pcmarker", Values, "no code"},
    {"llvm.read*counter", Values, "a number"},
    {"llvm.trap", Values, "ends the program"},
    {"llvm.debugtrap", Values, "ends or stops the program"},
    {"llvm.ubsantrap", Values, "ends the program"},
    {"llvm.asan.check.memaccess", References, "reads the shadow of an address"},
    {"llvm.init.trampoline", Values, "writes code"},
    {"llvm.adjust.trampoline", Values, "an address of code"},
    {"llvm.type.", Values, "looks at tables of virtual functions"},
    {"llvm.public.type.test", Values, "the same"},
    {"llvm.x86.", Values, "numbers and vectors; reads and writes through plain pointers"},
    {"llvm.x86.sse3.ldu.dq", Addresses, "loads"},
    {"llvm.x86.avx.ldu.dq.256", Addresses, "loads"},
    {"llvm.x86.avx.maskload.", Addresses, "loads"},
    {"llvm.x86.avx2.maskload.", Addresses, "loads"},
    {"llvm.x86.sse2.clflush", Addresses, "writes nothing"},
    {"llvm.x86.clflushopt", Addresses, "writes nothing"},
    {"llvm.x86.clwb", Addresses, "writes nothing"},
    {"llvm.aarch64.", Values, "numbers and vectors; reads and writes through plain pointers"},
    {"llvm.aarch64.neon.ld*", Addresses, "loads"},
    {"llvm.aarch64.prefetch", Addresses, "reads and writes nothing"},
    {"llvm.aarch64.sme.", Nothing, "other registers and another frame", Streaming},
    {"llvm.aarch64.irg*", Nothing, "another address", Tags}, {"llvm.aarch64.addg", Nothing, "another address", Tags},
    {"llvm.aarch64.gmi", Nothing, "of another address", Tags}, {"llvm.aarch64.ldg", Nothing, "another address", Tags},
    {"llvm.aarch64.stg*", Nothing, "its marks do not move", Tags}, {"llvm.aarch64.settag*", Nothing, "its marks do not move", Tags},
    {"llvm.aarch64.tagp", Nothing, "another address", Tags},
    {"llvm.x86.seh.", Nothing, "funclets are frames of their own", Funclets},
    // ---- numbers
    {"llvm.abs", Values, "a number"}, {"llvm.acos", Values, "a number"}, {"llvm.asin", Values, "a number"},
    {"llvm.atan", Values, "a number"}, {"llvm.atan2", Values, "a number"}, {"llvm.bitreverse", Values, "a number"},
    {"llvm.bswap", Values, "a number"}, {"llvm.canonicalize", Values, "a number"}, {"llvm.ceil", Values, "a number"},
    {"llvm.clmul", Values, "a number"}, {"llvm.convert.*", Values, "a number"}, {"llvm.copysign", Values, "a number"},
    {"llvm.cos", Values, "a number"}, {"llvm.cosh", Values, "a number"}, {"llvm.ctlz", Values, "a number"},
    {"llvm.ctpop", Values, "a number"}, {"llvm.cttz", Values, "a number"}, {"llvm.exp", Values, "a number"},
    {"llvm.exp10", Values, "a number"}, {"llvm.exp2", Values, "a number"}, {"llvm.fabs", Values, "a number"},
    {"llvm.floor", Values, "a number"}, {"llvm.fma", Values, "a number"}, {"llvm.fmuladd", Values, "a number"},
    {"llvm.fpto*", Values, "a number"}, {"llvm.fptrunc.round", Values, "a number"}, {"llvm.frexp", Values, "numbers"},
    {"llvm.fshl", Values, "a number"}, {"llvm.fshr", Values, "a number"}, {"llvm.get.fp*", Values, "a number"},
    {"llvm.get.rounding", Values, "a number"}, {"llvm.is.fpclass", Values, "a number"}, {"llvm.ldexp", Values, "a number"},
    {"llvm.llrint", Values, "a number"}, {"llvm.llround", Values, "a number"}, {"llvm.log", Values, "a number"},
    {"llvm.log10", Values, "a number"}, {"llvm.log2", Values, "a number"}, {"llvm.lrint", Values, "a number"},
    {"llvm.lround", Values, "a number"}, {"llvm.maximum*", Values, "a number"}, {"llvm.maxnum", Values, "a number"},
    {"llvm.minimum*", Values, "a number"}, {"llvm.minnum", Values, "a number"}, {"llvm.modf", Values, "numbers"},
    {"llvm.nearbyint", Values, "a number"}, {"llvm.pow", Values, "a number"}, {"llvm.powi", Values, "a number"},
    {"llvm.reset.fp*", Values, "no memory"}, {"llvm.rint", Values, "a number"}, {"llvm.round*", Values, "a number"},
    {"llvm.sadd.*", Values, "a number"}, {"llvm.scmp", Values, "a number"}, {"llvm.sdiv.fix*", Values, "a number"},
    {"llvm.set.fp*", Values, "no memory"}, {"llvm.set.rounding", Values, "no memory"}, {"llvm.sin*", Values, "numbers"},
    {"llvm.smax", Values, "a number"}, {"llvm.smin", Values, "a number"}, {"llvm.smul.*", Values, "a number"},
    {"llvm.sqrt", Values, "a number"}, {"llvm.sshl.sat", Values, "a number"}, {"llvm.ssub.*", Values, "a number"},
    {"llvm.tan*", Values, "a number"}, {"llvm.trunc", Values, "a number"}, {"llvm.uadd.*", Values, "a number"},
    {"llvm.ucmp", Values, "a number"}, {"llvm.udiv.fix*", Values, "a number"}, {"llvm.umax", Values, "a number"},
    {"llvm.umin", Values, "a number"}, {"llvm.umul.*", Values, "a number"}, {"llvm.ushl.sat", Values, "a number"},
    {"llvm.usub.*", Values, "a number"}, {"llvm.experimental.constrained.*", Values, "a number"},
    {"llvm.vscale", Values, "a number"},
    // ---- vectors, whose lanes of references only shuffles and element accesses may move
    {"llvm.vector.*", Values, "vectors of numbers"}, {"llvm.experimental.vector.*", Values, "vectors of numbers"},
    {"llvm.vp.*", Values, "vectors of numbers"}, {"llvm.experimental.vp.*", Values, "vectors of numbers"},
    {"llvm.stepvector", Values, "vectors of numbers"}, {"llvm.experimental.stepvector", Values, "vectors of numbers"},
    {"llvm.get.active.lane.mask", Values, "vectors of numbers"}, {"llvm.matrix.*", Values, "vectors of numbers"},
    {"llvm.experimental.get.vector.length", Values, "a number"}, {"llvm.experimental.cttz.elts", Values, "a number"},
    {"llvm.loop.dependence.*", Values, "compares addresses"},
    // ---- what makes a pointer out of one
    {"llvm.ptrmask", Values, "of a reference it would hide the object", NewPointer},
    {"llvm.launder.invariant.group", Values, "of a reference it would hide the object", NewPointer},
    {"llvm.strip.invariant.group", Values, "of a reference it would hide the object", NewPointer},
    // ---- what may not stand beside references at all
    {"llvm.eh.sjlj.setjmp", Values, "second_returns.cpp keeps references in variables across it"},
    {"llvm.eh.sjlj.longjmp", Values, "leaves the frame"},
    {"llvm.eh.sjlj.", Nothing, "saves registers that no map describes", Setjmp},
    {"llvm.coro.*", Nothing, "frames on the heap have no maps", Coroutine},
    {"llvm.swift.async.context.addr", Nothing, "frames on the heap have no maps", Coroutine},
    {"llvm.gcroot", Nothing, "places safepoints by itself", OtherCollector}, {"llvm.gcread", Nothing, "places safepoints by itself", OtherCollector},
    {"llvm.gcwrite", Nothing, "places safepoints by itself", OtherCollector}, {"llvm.experimental.gc.*", Nothing, "places safepoints by itself", OtherCollector},
    {"llvm.experimental.stackmap", Nothing, "places safepoints by itself", OtherCollector}, {"llvm.experimental.patchpoint*", Nothing, "places safepoints by itself", OtherCollector},
    {"llvm.experimental.deoptimize", Nothing, "places safepoints by itself", OtherCollector}, {"llvm.experimental.guard", Nothing, "places safepoints by itself", OtherCollector},
    {"llvm.experimental.widenable.condition", Nothing, "places safepoints by itself", OtherCollector},
    {"llvm.seh.*", Nothing, "funclets are frames of their own", Funclets}, {"llvm.eh.recoverfp", Nothing, "funclets are frames of their own", Funclets}, {"llvm.eh.exception*", Nothing, "funclets are frames of their own", Funclets},
};
// clang-format on

} // namespace

static bool fits(const KnownIntrinsic &Row, StringRef Name)
{
    StringRef Pattern = Row.Name;
    if (Pattern.ends_with(".")) return Name.starts_with(Pattern);
    auto [Before, After] = Pattern.split('*');
    if (Before.size() == Pattern.size()) return Name == Pattern;
    return Name.starts_with(Before) && Name.drop_front(Before.size()).ends_with(After);
}

static const KnownIntrinsic *rowOf(const IntrinsicInst &Call)
{
    StringRef Name = Intrinsic::getBaseName(Call.getIntrinsicID());
    const KnownIntrinsic *Best = nullptr;
    for (const KnownIntrinsic &Row : Known)
        if (fits(Row, Name) && (!Best || Row.Name.size() > Best->Name.size())) Best = &Row;
    return Best;
}

// Of one operand, or of the result.
static Touches touches(const Value &V)
{
    if (containsReference(V.getType())) return Touches::References;
    bool IsView = V.getType()->isPointerTy() && !isa<Constant>(V) && isReference(getUnderlyingObject(&V, /*MaxLookup=*/0)->getType());
    return IsView ? Touches::Addresses : Touches::Values;
}

static Touches touches(const IntrinsicInst &Call)
{
    Touches Most = touches(static_cast<const Value &>(Call));
    for (const Use &U : Call.args())
        if (!U->getType()->isMetadataTy()) Most = std::min(Most, touches(*U));
    return Most;
}

Problem problemWithAnyUse(const IntrinsicInst &Call)
{
    const KnownIntrinsic *Row = rowOf(Call);
    if (Row && Row->Limit != Touches::Nothing) return "";
    if (Row && Row->Refusal) return Row->Refusal;
    return ("'" + Intrinsic::getBaseName(Call.getIntrinsicID()) +
            "' is not known to leave frames and references as they are; use it in a function of its own that holds no "
            "references")
        .str();
}

// A parameter, or the variable that clang makes of one.
static bool isParameter(const Value *V)
{
    const Value *Origin = getUnderlyingObject(V, /*MaxLookup=*/0);
    auto *Load = dyn_cast<LoadInst>(Origin);
    return isa<Argument>(Origin) || (Load && isa<AllocaInst>(Load->getPointerOperand()));
}

bool wouldRefuseArgument(const IntrinsicInst &Call)
{
    const KnownIntrinsic *Row = rowOf(Call);
    return Row && Row->Limit == Touches::Values &&
           any_of(Call.args(), [](const Use &U) { return U->getType()->isPointerTy() && isParameter(U.get()); });
}

Problem problemWithIntrinsic(const IntrinsicInst &Call)
{
    if (Problem P = problemWithAnyUse(Call); !P.empty()) return P;
    const KnownIntrinsic &Row = *rowOf(Call);
    if (touches(Call) >= Row.Limit) return "";
    if (Row.Refusal) return Row.Refusal;
    StringRef Name = Intrinsic::getBaseName(Call.getIntrinsicID());
    return ("'" + Name +
            "' is given a reference or an address inside an object, and is not known to keep it precise; load "
            "the value first, or copy it to a variable")
        .str();
}

} // namespace greywave
