// What differs between the machines that code is generated for, and nothing else: each has a file of this name, and a row in machines.cpp.
#ifndef GREYWAVE_MACHINES_H
#define GREYWAVE_MACHINES_H

#include "facts/llvm_versions.h"

#include "abi/map_format.h"

namespace greywave
{

/// A call that no calling convention describes, as inline assembler: its text, with the operands that it is given, and what else it
/// changes.
struct AssemblerCall {
    const char *Text;
    const char *Operands, *Clobbers;
};

struct Machine {
    llvm::Triple::ArchType Arch;
    const char *Name; // as messages call it
    const gw_map_machine &Maps;

    /// The write barrier's slow path keeps its operands where they are and all registers as they were, so that it costs the code around it
    /// nothing. `Front` is given the object; `Slot` the object and the address that is stored to (docs/abi.md).
    AssemblerCall BarrierFront, BarrierSlot;
    /// Is given the address that is stored to, and the reference.
    AssemblerCall StoreCheck;
    /// A vector of one reference lies in a general register, and in a word of the stack.
    bool VectorsOfOneAreWords;
    /// An address space of what lies so far from the thread pointer; 0: there is none.
    unsigned ThreadSpace;
    /// A call pushes its return address, where the function may keep something below its stack pointer.
    bool CallsPush;
    /// A coldcc function keeps the registers, too, in which it returns more than a word, and what is no integer (seen with 19.1.7, 22.1.8).
    bool RestoresOverColdResults;

    /// One instruction of assembler: what it moves to the stack pointer comes from elsewhere.
    bool (*LoadsStackPointer)(llvm::StringRef Mnemonic, llvm::StringRef Operands);
    /// Functions that hold references get this attribute, unless it is null.
    const char *Attribute;
};

extern const Machine X86_64, AArch64;

/// Null: there is none for it.
const Machine *machineFor(const llvm::Triple &T);
/// Where the module names no machine, whoever generates code decides for the one of this process.
const Machine &machineOf(const llvm::Module &M);

} // namespace greywave

#endif
