// What is in a variable of numbers when it is read: which of the stores to it may have come last.
#ifndef GREYWAVE_FILLINGS_H
#define GREYWAVE_FILLINGS_H

#include "constructs/places_behind.h"
#include "constructs/variables.h"

namespace greywave
{

/// Who reads a variable, and which of its bytes.
struct Reading {
    const llvm::AllocaInst *Buffer = nullptr; ///< null: memory behind a parameter, up to the function's end
    const llvm::Instruction *By = nullptr;
    uint64_t From = 0, End = UINT64_MAX;
    bool AcrossSafepoint = false; ///< one lies between By, a call, and where what it calls reads
};

/// Of the bytes at a place in a local variable.
Reading readingOf(const Place &P, const llvm::Instruction &By, uint64_t Bytes);

/// Of a variable that a pointer leads to, by the call that hands on its address if there is one, else by this instruction. Nothing where
/// that is in another function than the variable.
std::optional<Reading> readingOf(const PlacesBehind::BlindVariable &V, const llvm::Instruction &By);

/// Whether what an instruction writes there, where it lies at a known distance in the variable, comes to the reader.
enum class Arrival { Never, Directly, AcrossSafepoint };
Arrival arrivalOf(const llvm::Instruction &Filling, const Reading &R);

} // namespace greywave

#endif
