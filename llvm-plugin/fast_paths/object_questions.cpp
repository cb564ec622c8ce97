// gw_type_of and gw_length without a call: what stands in the header and in the type.
//
// A header's flags are masked off; the type is there whatever the object went through. An object without elements has length 0: its type
// says so with an element size of 0, and a length's offset that is 0 too, where there is a payload to read.
#include "facts/reference_types.h"
#include "fast_paths/fast_paths.h"
#include "greywave/abi.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;

namespace greywave
{

static CallInst *questionOf(Instruction &I, StringRef Name)
{
    auto *Call = dyn_cast<CallInst>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    bool Is = Callee && Callee->isDeclaration() && Callee->getName() == Name && Call->arg_size() == 1 &&
              isReference(Call->getArgOperand(0)->getType()) && !Call->isMustTailCall();
    return Is ? Call : nullptr;
}

static Value *typeOf(Value *Object, IRBuilderBase &B)
{
    Value *Place = B.CreateConstGEP1_64(B.getInt8Ty(), Object, uint64_t(-int64_t(GW_HEADER_SIZE)), "header");
    Value *Header = B.CreateAlignedLoad(B.getInt64Ty(), Place, Align(8));
    return B.CreateIntToPtr(B.CreateAnd(Header, GW_HEADER_TYPE_MASK), B.getPtrTy(), "type");
}

static Value *typeNumber(Value *Type, uint64_t Offset, IRBuilderBase &B)
{
    return B.CreateAlignedLoad(B.getInt32Ty(), B.CreateConstGEP1_64(B.getInt8Ty(), Type, Offset), Align(4));
}

static Value *lengthOf(Value *Object, IRBuilderBase &B)
{
    Value *Type = typeOf(Object, B);
    Value *HasElements = B.CreateIsNotNull(typeNumber(Type, offsetof(gw_type, element_size), B));
    Value *Offset = B.CreateZExt(typeNumber(Type, offsetof(gw_type, length_offset), B), B.getInt64Ty());
    Value *Length = B.CreateAlignedLoad(B.getInt64Ty(), B.CreateGEP(B.getInt8Ty(), Object, Offset), Align(8));
    return B.CreateSelect(HasElements, Length, B.getInt64(0), "length");
}

void answerObjectQuestions(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        CallInst *Type = questionOf(I, "gw_type_of"), *Length = questionOf(I, "gw_length");
        if (!Type && !Length) continue;
        IRBuilder<> B(&I);
        I.replaceAllUsesWith(Type ? typeOf(Type->getArgOperand(0), B) : lengthOf(Length->getArgOperand(0), B));
        I.eraseFromParent();
    }
}

} // namespace greywave
