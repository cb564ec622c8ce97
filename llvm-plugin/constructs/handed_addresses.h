// What a function does with an address that it is handed.
#ifndef GREYWAVE_HANDED_ADDRESSES_H
#define GREYWAVE_HANDED_ADDRESSES_H

#include "facts/llvm_versions.h"

namespace greywave
{

struct Handed {
    bool Returned = false;      // the result may be the address, or one near it
    bool Kept = false;          // it may outlive the call in memory, as a number or as part of a struct
    bool Compared = false;      // with another, whose order may change
    bool GetsReference = false; // a reference is stored there, and its type says so
};

/// Of a call: it may return the plain address of an object that it is given.
constexpr char HandsBack[] = "greywave-hands-back";

/// Of a call: what it answers may depend on where an object is that it is given the plain address of.
constexpr char SeesAddress[] = "greywave-sees-address";

/// An instruction that makes an address of an address.
bool isAddress(const llvm::Instruction &I);

/// Whether the operand is where its instruction, which is no call, reads or writes memory.
bool isAccessedThrough(const llvm::Use &Address);

/// Of an argument of a call that never collects. The first two are true where nothing is known, but for results that are fresh memory. It
/// does not depend on the level of optimisation.
Handed handedTo(const llvm::CallBase &Call, unsigned Argument);

} // namespace greywave

#endif
