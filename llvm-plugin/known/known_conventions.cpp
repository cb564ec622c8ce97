// The calling conventions that are understood where references are held (tests/codegen/known.ll).
//
// What a convention must fulfil: arguments and results in general registers or on the stack, a frame with unwind information, and
// calls that code generation can make a statepoint of.
#include "known/known_constructs.h"

using namespace llvm;

namespace greywave
{
namespace
{

struct KnownConvention {
    CallingConv::ID Convention;
    const char *Why;
};

const KnownConvention Known[] = {
    {CallingConv::C, "the machine's own"},
    {CallingConv::Fast, "between functions of one module"},
    {CallingConv::Cold, "keeps nearly every register, vectors too"},
    {CallingConv::Tail, "pops its arguments"},
    {CallingConv::PreserveMost, "keeps the general registers"},
    {CallingConv::PreserveAll, "keeps every register, vectors too"},
    {CallingConv::PreserveNone, "keeps none"},
    {CallingConv::Swift, "the machine's own, with a context; error results are refused"},
    {CallingConv::SwiftTail, "the same, popping its arguments"},
    {CallingConv::X86_64_SysV, "the machine's own, by name"},
    {CallingConv::Win64, "of Windows: other registers, room for four on the stack, vectors kept"},
    {CallingConv::X86_VectorCall, "vectors in more registers"},
    {CallingConv::X86_RegCall, "more in registers, vectors kept"},
    {CallingConv::X86_StdCall, "the machine's own, on 64 bits"},
    {CallingConv::X86_FastCall, "the machine's own, on 64 bits"},
    {CallingConv::X86_ThisCall, "the machine's own, on 64 bits"},
    {CallingConv::Intel_OCL_BI, "vectors kept"},
    {CallingConv::AArch64_VectorCall, "vectors kept"},
};

// In the first general register, in memory, or on the stack of the floating-point unit.
bool isLeftAlone(const Type *Result)
{
    if (auto *Aggregate = dyn_cast<StructType>(Result))
        return Aggregate->getNumElements() == 1 && isLeftAlone(Aggregate->getElementType(0));
    return Result->isVoidTy() || Result->isPointerTy() || Result->isX86_FP80Ty() ||
           (Result->isIntegerTy() && Result->getIntegerBitWidth() <= 64);
}

} // namespace

Problem problemWithConvention(CallingConv::ID Convention, const FunctionType &Function, const Machine &For)
{
    if (Convention == CallingConv::Cold && For.RestoresOverColdResults && !isLeftAlone(Function.getReturnType()))
        return "a coldcc function returns more than a word, or what is no integer and no pointer, over which LLVM restores what was in its "
               "registers; give the result back through a pointer, or use preserve_mostcc";
    if (any_of(Known, [&](const KnownConvention &K) { return K.Convention == Convention; })) return "";
    if (Convention == CallingConv::X86_INTR) return "an interrupt handler holds references; use plain pointers there";
    return "a calling convention that is not known to leave references where a frame map can tell (number " + std::to_string(Convention) +
           "); use another where references are held";
}

} // namespace greywave
