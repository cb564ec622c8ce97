// Where a number comes from: whether its bits may be those of a reference.
#ifndef GREYWAVE_ORIGINS_H
#define GREYWAVE_ORIGINS_H

#include "constructs/fillings.h"
#include "constructs/places_behind.h"

namespace greywave
{

/// What the bits of a number may be, from least to most.
enum class Bits {
    Number,           ///< nothing of ours
    Unknown,          ///< perhaps a reference, by way of arithmetic or of memory that the program calls numbers: never refused
    Reference,        ///< a reference
    StaleIfReference, ///< read before a safepoint from memory that no caller in the file shows: stale if a reference lay there
    StaleReference    ///< one that was read before a safepoint, and may be the address of before
};

/// Of a value, where it is used. Through: of the calls of the function that is called there this one alone counts.
Bits bitsOf(const llvm::Use &U, PlacesBehind &Places, const llvm::Instruction *Through = nullptr);

/// Whether a pointer, where it is used, is made of the number that an object's address was before a safepoint.
bool isStaleAddress(const llvm::Use &U, PlacesBehind &Places);

/// Of what an instruction reads there.
Bits bitsRead(const llvm::Value *From, const llvm::Instruction &Reader, uint64_t Bytes, PlacesBehind &Places,
              const llvm::Instruction *Through = nullptr);

/// Of what a variable without references holds when it is read.
Bits bitsInBuffer(const Reading &R, PlacesBehind &Places, const llvm::Instruction *Through = nullptr);

} // namespace greywave

#endif
