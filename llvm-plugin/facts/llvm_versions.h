// What differs between the supported LLVM versions (19 and 22), and nothing else: every other file is written against
// the names below. Also the precompiled header.
#ifndef GREYWAVE_LLVM_VERSIONS_H
#define GREYWAVE_LLVM_VERSIONS_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#if LLVM_VERSION_MAJOR >= 22
#include "llvm/Plugins/PassPlugin.h"
#else
#include "llvm/Passes/PassPlugin.h"
#endif

#include <optional>

namespace greywave
{

// The extension points gained a phase parameter, which stages.cpp does without.
#if LLVM_VERSION_MAJOR >= 20
#define GREYWAVE_LTO_PHASE , llvm::ThinOrFullLTOPhase
#else
#define GREYWAVE_LTO_PHASE
#endif

// llvm #199224: arguments on the stack of `musttail` calls by tailcc are lost.
constexpr bool LosesStackArgumentsOfTailCalls = LLVM_VERSION_MAJOR >= 22;

// llvm #56891: for structs that a `musttail` call passes in memory, the return address is written over. Mended by #168956.
constexpr bool SpoilsStructsOfTailCalls = LLVM_VERSION_MAJOR < 22;

inline llvm::Function *intrinsicFor(llvm::Module &M, llvm::Intrinsic::ID ID, llvm::ArrayRef<llvm::Type *> Types)
{
#if LLVM_VERSION_MAJOR >= 20
    return llvm::Intrinsic::getOrInsertDeclaration(&M, ID, Types);
#else
    return llvm::Intrinsic::getDeclaration(&M, ID, Types);
#endif
}

inline llvm::CallBase *addDeoptBundle(llvm::CallBase *Call, llvm::ArrayRef<llvm::Value *> Operands)
{
    llvm::OperandBundleDef Bundle("deopt", Operands);
#if LLVM_VERSION_MAJOR >= 20
    return llvm::CallBase::addOperandBundle(Call, llvm::LLVMContext::OB_deopt, Bundle, Call->getIterator());
#else
    return llvm::CallBase::addOperandBundle(Call, llvm::LLVMContext::OB_deopt, Bundle, Call);
#endif
}

/// LLVM 22's ptrtoaddr, the address alone, becomes ptrtoint, which all machines of ours lower alike. Returns whether I was one.
inline bool lowerPointerToAddress(llvm::Instruction &I)
{
#if LLVM_VERSION_MAJOR >= 22
    auto *Cast = llvm::dyn_cast<llvm::PtrToAddrInst>(&I);
    if (!Cast) return false;
    llvm::IRBuilder<> B(Cast);
    Cast->replaceAllUsesWith(B.CreatePtrToInt(Cast->getPointerOperand(), Cast->getType()));
    Cast->eraseFromParent();
    return true;
#else
    return false;
#endif
}

inline llvm::Value *createThreadPointer(llvm::IRBuilderBase &B)
{
#if LLVM_VERSION_MAJOR >= 22
    return B.CreateIntrinsic(llvm::Intrinsic::thread_pointer, {B.getPtrTy()}, {});
#else
    return B.CreateIntrinsic(llvm::Intrinsic::thread_pointer, {}, {});
#endif
}

} // namespace greywave

#endif
