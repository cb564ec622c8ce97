// What of LLVM is understood beside references: intrinsics, attributes, operand bundles and calling conventions. Each
// category is a table in a file of its own, with a line of why. What no table lists is refused, so that a construct of
// which nobody has thought, or that a later LLVM brings, is never silently wrong.
//
// All of it concerns functions that hold references. A function that holds none may use what it likes, and is kept apart:
// neither is it inlined into one that does, nor is anything inlined into it.
#ifndef GREYWAVE_KNOWN_CONSTRUCTS_H
#define GREYWAVE_KNOWN_CONSTRUCTS_H

#include "machines/machines.h"

namespace greywave
{

/// What is not understood, and a remedy; "" when all is. Each of the call or function alone, not of what it is made of.
using Problem = std::string;

// known_intrinsics.cpp
/// Of an intrinsic with its operands and result, in a function that holds references.
Problem problemWithIntrinsic(const llvm::IntrinsicInst &Call);
/// Of an intrinsic that no such function may contain, whatever it is given.
Problem problemWithAnyUse(const llvm::IntrinsicInst &Call);
/// It is given a parameter of its function, and would be refused if that were the address of an object's contents.
bool wouldRefuseArgument(const llvm::IntrinsicInst &Call);

// known_attributes.cpp
Problem problemWithAttributes(const llvm::CallBase &Call);
Problem problemWithAttributes(const llvm::Function &F);
/// setjmp and its kin get the attribute that says what they are, whatever the frontend knew.
void markReturningTwice(llvm::Module &M);

// known_bundles.cpp
Problem problemWithBundles(const llvm::CallBase &Call);

// known_conventions.cpp
Problem problemWithConvention(llvm::CallingConv::ID Convention, const llvm::FunctionType &Function, const Machine &For);

// known_constructs.cpp
/// Of a call in a function that holds references.
Problem problemWithCall(const llvm::CallBase &Call);
/// Inlining could bring what is refused and a reference, or a plain address of an object, into one function after the check.
void keepRefusedApart(llvm::Function &F);
/// Takes away what says nothing that matters, and would hide an address or a reference from the other steps. For functions of every
/// kind, since it may be inlined.
void dropHints(llvm::Function &F);
/// Takes from calls that become statepoints what the optimiser inferred and a statepoint cannot carry.
void dropInferredAttributes(llvm::Function &F);

} // namespace greywave

#endif
