// The module's data layout while the optimiser runs: references are non-integral, so that it may not turn a reload of a
// reference into a cast of an integer that it kept across a safepoint.
//
// clang compares layouts before code generation, and the linker before it merges modules. So the frontend's own text is
// kept in the module and put back at the end; a layout that says by itself that references are non-integral stays as it
// is. LLVM parses the text: spaces may be listed in any order, in any place, in one list or in several.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "machines/machines.h"

using namespace llvm;

namespace greywave
{

// Named metadata that holds the frontend's text as long as ours stands in the module.
static constexpr char FrontendLayout[] = "greywave.layout";

void forbidIntegerViews(Module &M)
{
    if (M.getDataLayout().isNonIntegralAddressSpace(ReferenceSpace)) return;
    std::string Text = M.getDataLayoutStr();
    LLVMContext &C = M.getContext();
    M.getOrInsertNamedMetadata(FrontendLayout)->addOperand(MDNode::get(C, MDString::get(C, Text)));
    std::string Space = "ni:" + std::to_string(ReferenceSpace);
    M.setDataLayout(Text.empty() ? Space : Text + "-" + Space);
}

void allowIntegerViews(Module &M)
{
    NamedMDNode *Kept = M.getNamedMetadata(FrontendLayout);
    if (!Kept) return;
    M.setDataLayout(cast<MDString>(Kept->getOperand(0)->getOperand(0))->getString());
    Kept->eraseFromParent();
}

// References are words of 64 bits, whose offsets have 64 bits, on a known machine; maps and globals' records are ELF sections.
void checkTarget(const Module &M, Refusals &Errors)
{
    const DataLayout &DL = M.getDataLayout();
    if (DL.isBigEndian() || DL.getPointerSizeInBits(ReferenceSpace) != 64 || DL.getIndexSizeInBits(ReferenceSpace) != 64)
        Errors.module("the data layout does not make references little-endian words of 64 bits; leave address space 1 as "
                      "x86-64 and AArch64 have it");
    // Its functions would have the records of functions without references, and it has no constructor that says it is without roots.
    if (isForJit(M) && rootFinder() == RootFinder::None)
        Errors.module("a module for a JIT (module flag greywave-jit) cannot be without roots; use frame maps or the shadow stack");
    Triple T(M.getTargetTriple());
    if (T.getArch() == Triple::UnknownArch) return; // opt without a triple: whoever generates code decides
    if (!machineFor(T))
        Errors.module("frame maps are made for x86-64, AArch64 and ELF, not for '" + T.str() + "'; set another target triple");
}

} // namespace greywave
