// The variables that a plain pointer may lead to, as far as one module shows it.
#ifndef GREYWAVE_PLACES_BEHIND_H
#define GREYWAVE_PLACES_BEHIND_H

#include "constructs/callees.h"
#include "constructs/variables.h"

namespace greywave
{

/// Whether the address of a variable is given to gw_add_roots: the collector looks there, whatever the variable's type says.
bool isRegistered(const llvm::Value &Variable);

/// Whether both are calls of one function: of the variables and places that calls hand on, those of one call count together.
bool isOtherCall(const llvm::Instruction *Call, const llvm::Instruction *Through);

/// Looks back from pointers over address arithmetic, choices, variables that hold them, and the arguments and results
/// of the calls in this module.
/// Nothing here depends on what the optimiser has done. The answers are kept: no variable may go while the object is used.
class PlacesBehind
{
  public:
    explicit PlacesBehind(const llvm::DataLayout &DL) : DL(DL) {}
    const llvm::DataLayout &layout() const { return DL; }

    /// May the pointer lead to a variable whose type shows a reference in the `Bytes` bytes there?
    bool mayShowReference(const llvm::Value *Pointer, uint64_t Bytes);
    /// The calls that hand on the address of one that does; null where it is used in the variable's own function.
    llvm::SmallVector<const llvm::Instruction *, 2> showingCalls(const llvm::Value *Pointer, uint64_t Bytes);
    /// May it lead to a variable whose type holds no references at all?
    bool mayBeBlind(const llvm::Value *Pointer);
    /// The local variables without references that it may lead to, with the call in the variable's own function that hands on its
    /// address; null where the pointer is used in that function.
    using BlindVariable = std::pair<const llvm::AllocaInst *, const llvm::Instruction *>;
    llvm::SmallVector<BlindVariable, 2> blindVariables(const llvm::Value *Pointer);
    /// The places in objects that it may lead to: the reference, how far from it, and the call that hands on its plain address.
    struct InObject {
        const llvm::Value *Reference;
        Distance Way;
        const llvm::Instruction *Through;
        bool operator==(const InObject &O) const { return Reference == O.Reference && Way == O.Way && Through == O.Through; }
        /// What its address says of the `Bytes` bytes there; of the first word where their number is not known.
        Shows shown(uint64_t Bytes, const llvm::DataLayout &DL) const;
        /// A reference for all that it says: a number of before written there would be refused.
        bool mayHoldReference(uint64_t Bytes, const llvm::DataLayout &DL) const;
    };
    llvm::SmallVector<InObject, 2> placesInObjects(const llvm::Value *Pointer);
    /// Are all variables known that it may lead to? And are all of them local?
    bool areAllKnown(const llvm::Value *Pointer);
    bool areAllLocal(const llvm::Value *Pointer);
    /// What this module's calls pass for a parameter, by name and by pointers that are followed back.
    void eachPassedTo(const llvm::Argument &A, llvm::function_ref<void(const llvm::Use &)> Visit);
    /// Does it lead to variables on every path, whoever calls, none of which shows a reference where one of type T holds one?
    bool missesReferences(const llvm::Value *Pointer, llvm::Type *T);

  private:
    struct Target {
        const llvm::Value *Variable;
        Distance Way;
        const llvm::Instruction *Through; ///< the call that hands it on
        bool operator==(const Target &T) const { return Variable == T.Variable && Way == T.Way && Through == T.Through; }
    };
    struct Targets {
        llvm::SmallVector<Target, 2> Variables;
        llvm::SmallVector<InObject, 2> Objects;
        bool AreAll = true;
        llvm::DenseMap<const llvm::Value *, llvm::SmallVector<Distance, 2>> Seen;
        const llvm::Instruction *Through = nullptr;
    };

    const Targets &behind(const llvm::Value *Pointer, Distance &Way);
    void follow(const llvm::Value *Pointer, Distance Way, Targets &Found);
    void followArgument(const llvm::Argument &A, Distance Way, Targets &Found);
    void followPassed(const llvm::CallBase &Call, unsigned Argument, Distance Way, Targets &Found);
    void followResult(const llvm::CallBase &Call, Distance Way, Targets &Found);
    bool noteVariable(const llvm::Value *Pointer, Distance Way, Targets &Found) const;
    bool noteObject(const llvm::Value *Pointer, Distance Way, Targets &Found) const;
    bool anyPlace(const llvm::Value *Pointer, llvm::function_ref<bool(const Place &)> Holds);
    bool anyPlaceIn(Place P, const Distance &Way, llvm::function_ref<bool(const Place &)> Holds) const;

    const llvm::DataLayout &DL;
    llvm::DenseMap<const llvm::Value *, Targets> Known;
    CallsByPointer ByPointer;
};

} // namespace greywave

#endif
