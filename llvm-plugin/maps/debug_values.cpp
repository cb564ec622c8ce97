// Debug values of references end in front of each safepoint, and begin anew behind it with the reference as it is then.
//
// RewriteStatepointsForGC leaves debug records with the pointer of before. A debugger would show where an object has been: without
// optimisation whatever is left in the frame, and in frames further out a register that the callee has changed meanwhile, for a location
// reaches up to the call's end. What is said here moves no instruction.
#include "maps/maps.h"
#include "facts/reference_types.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/Statepoint.h"

using namespace llvm;

namespace greywave
{

namespace
{

/// What is known of a variable at one place: a record that says it, and the reference; null: one or the other, by the way there.
struct Known {
    DbgVariableRecord *Record;
    Value *Reference;
    bool operator==(const Known &Other) const { return Record == Other.Record && Reference == Other.Reference; }
};
using State = MapVector<DebugVariable, Known>;

} // namespace

static bool refers(const DbgVariableRecord &R)
{
    return any_of(R.location_ops(), [](const Value *V) { return isReference(V->getType()) && !isa<Constant>(V); });
}

static void read(DbgVariableRecord &R, State &S)
{
    if (!R.isDbgValue() && !R.isDbgAssign()) return;
    S.erase(DebugVariable(&R));
    if (!refers(R)) return;
    Value *Only = R.getNumVariableLocationOps() == 1 ? R.getVariableLocationOp(0) : nullptr;
    S.insert({DebugVariable(&R), {&R, Only}});
}

/// The reference behind the safepoint, or null.
static GCRelocateInst *relocated(const GCStatepointInst &Safepoint, const Value *Reference)
{
    if (!Reference || Safepoint.isTerminator()) return nullptr;
    for (const User *U : Safepoint.users()) {
        auto *R = dyn_cast<GCRelocateInst>(U);
        if (R && R->getDerivedPtr() == Reference) return const_cast<GCRelocateInst *>(R);
    }
    return nullptr;
}

static void cross(const GCStatepointInst &Safepoint, State &S)
{
    S.remove_if([&](auto &Entry) {
        Entry.second.Reference = relocated(Safepoint, Entry.second.Reference);
        return !Entry.second.Reference;
    });
}

static void say(const DbgVariableRecord &Like, Value *V, BasicBlock::iterator Place)
{
    auto *R = DbgVariableRecord::createDbgVariableRecord(V, Like.getVariable(), Like.getExpression(), Like.getDebugLoc().get());
    Place->getParent()->insertDbgRecordBefore(R, Place);
}

/// Whether a call that may collect is given the reference. Code generation loads it for that, behind what is said in front of the call; so
/// the debugger would take the argument's register for the variable while the callee runs.
static bool isHandedOn(const Value &V)
{
    return any_of(V.uses(), [](const Use &U) {
        auto *Safepoint = dyn_cast<GCStatepointInst>(U.getUser());
        return Safepoint && &U >= Safepoint->actual_arg_begin() && &U < Safepoint->actual_arg_end();
    });
}

static void sayAround(GCStatepointInst &Safepoint, const State &S)
{
    for (auto &[Variable, K] : S) {
        Type *T = K.Record->getVariableLocationOp(0)->getType();
        say(*K.Record, PoisonValue::get(T), Safepoint.getIterator());
        GCRelocateInst *R = relocated(Safepoint, K.Reference);
        if (R && !isHandedOn(*R)) say(*K.Record, R, std::next(R->getIterator()));
    }
}

static void walk(BasicBlock &B, State &S, function_ref<void(GCStatepointInst &, const State &)> AtSafepoint)
{
    for (Instruction &I : B) {
        for (DbgVariableRecord &R : filterDbgVars(I.getDbgRecordRange())) read(R, S);
        auto *Safepoint = dyn_cast<GCStatepointInst>(&I);
        if (!Safepoint) continue;
        AtSafepoint(*Safepoint, S);
        cross(*Safepoint, S);
    }
}

/// True when `Into` has changed: it knows more variables, or less of one.
static bool join(State &Into, const State &From)
{
    bool Changed = false;
    for (auto &[Variable, K] : From) {
        auto [At, IsNew] = Into.insert({Variable, K});
        bool Differs = !IsNew && At->second.Reference && At->second.Reference != K.Reference;
        if (Differs) At->second.Reference = nullptr;
        Changed |= IsNew || Differs;
    }
    return Changed;
}

static bool describesReferences(Function &F)
{
    for (Instruction &I : instructions(F))
        for (DbgVariableRecord &R : filterDbgVars(I.getDbgRecordRange()))
            if (refers(R)) return true;
    return false;
}

void endDebugValues(Function &F)
{
    if (F.isDeclaration() || !F.getSubprogram() || !describesReferences(F)) return;
    DenseMap<BasicBlock *, State> Entry;
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (BasicBlock *B : ReversePostOrderTraversal<Function *>(&F)) {
            State S = Entry[B];
            walk(*B, S, [](GCStatepointInst &, const State &) {});
            for (BasicBlock *Next : successors(B)) Changed |= join(Entry[Next], S);
        }
    }
    SmallVector<std::pair<GCStatepointInst *, State>> Places;
    for (BasicBlock &B : F) {
        State S = Entry[&B];
        walk(B, S, [&](GCStatepointInst &Safepoint, const State &Before) { Places.push_back({&Safepoint, Before}); });
    }
    for (auto &[Safepoint, S] : Places) sayAround(*Safepoint, S);
}

} // namespace greywave
