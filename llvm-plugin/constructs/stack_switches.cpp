// Stacks that the program makes and switches between. The runtime walks the stack of the thread that collects, and finds nothing
// on one that was switched away from. The switches that can be known are refused here, in every function of a module that holds
// references: whether what runs around the switch holds some is decided in other files. Known are the C library's functions, those
// of coroutine libraries by their names, and assembler of the file's own that loads the stack pointer. Allowed is what the runtime is told
// of: a switch in a function without references that gw_stack_switch_by alone calls.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "machines/machines.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/InlineAsm.h"

using namespace llvm;

namespace greywave
{

static constexpr char Remedy[] =
    ", and references on a stack that is switched away from are not found; let gw_stack_new make the stack, or let "
    "gw_stack_switch_by call a function that holds no references and does nothing but switch";

// ---- By name --------------------------------------------------------------------------------------------------------

// What returns on a stack of its own, or prepares one for nothing else. getcontext alone is refused where setjmp is.
static bool isSwitch(StringRef Name)
{
    // clang-format off: a list
    static const StringSet<> Known = {
        "makecontext", "swapcontext", "setcontext", "__splitstack_makecontext",                      // the C library
        "libucontext_makecontext", "libucontext_swapcontext", "libucontext_setcontext",              // musl's
        "co_switch", "coro_transfer", "_mco_switch", "mco_resume", "mco_yield", "acosw",             // libco, libcoro, minicoro, libaco
        "aco_resume", "llco_switch", "_tina_swap", "tb_context_jump", "marl_fiber_swap",             // llco, tina, tbox, marl
        "taskswitch", "taskyield", "pth_uctx_switch", "pth_yield", "st_thread_create",               // libtask, GNU Pth, State Threads
        "zend_fiber_switch_context",                                                                 // PHP
        "__sanitizer_start_switch_fiber", "__sanitizer_finish_switch_fiber", "__tsan_switch_to_fiber"}; // said in front of any switch
    // clang-format on
    // Boost's assembler is copied under many prefixes.
    for (StringRef Ending : {"jump_fcontext", "make_fcontext", "ontop_fcontext"})
        if (Name.ends_with(Ending)) return true;
    return Known.contains(Name);
}

// Whether a name prepares a stack and switches to none.
static bool onlyPrepares(StringRef Name)
{
    return Name.ends_with("makecontext") || Name.ends_with("make_fcontext");
}

// ---- With the runtime's knowledge ------------------------------------------------------------------------------------

static constexpr char SwitchedBy[] = "gw_stack_switch_by", Added[] = "gw_stack_add";

static bool isSwitchedBy(const Use &U)
{
    auto *Call = dyn_cast<CallBase>(U.getUser());
    return Call && isCallOf(*Call, SwitchedBy) && Call->isArgOperand(&U) && Call->getArgOperandNo(&U) == 1;
}

// Its frames lie below the runtime's, which keeps the registers and knows where the stack was left.
static bool isToldOf(const Function &F)
{
    return !F.use_empty() && all_of(F.uses(), isSwitchedBy) && !holdsReferences(F);
}

static bool isAllowed(const Instruction &I, const Function &Switch)
{
    const Function *Adds = I.getModule()->getFunction(Added);
    if (onlyPrepares(Switch.getName())) return Adds && !Adds->use_empty();
    return isToldOf(*I.getFunction());
}

// ---- What is refused --------------------------------------------------------------------------------------------------

static const Function *switchIn(const Value *Named)
{
    auto *F = dyn_cast<Function>(Named->stripPointerCasts());
    return F && mayBeLibrarys(*F) && isSwitch(F->getName()) ? F : nullptr;
}

static std::string switches(const Function &Switch)
{
    return ("'" + Switch.getName() + "' switches stacks" + Remedy).str();
}

// Called, stored, passed on: it is there to be called.
static void checkNames(const Instruction &I, Refusals &Errors)
{
    for (const Use &U : I.operands())
        if (const Function *Switch = switchIn(U); Switch && !isAllowed(I, *Switch)) return Errors.at(I, switches(*Switch));
}

static void checkTable(const GlobalVariable &G, const Constant &C, Refusals &Errors)
{
    if (const Function *Switch = switchIn(&C)) Errors.at(G, switches(*Switch));
    else if (isa<ConstantAggregate>(C))
        for (const Use &U : C.operands()) checkTable(G, *cast<Constant>(U.get()), Errors);
}

// ---- By what assembler does -----------------------------------------------------------------------------------------

static bool loadsStackPointer(StringRef Line, const Machine &For)
{
    auto [Label, Behind] = Line.split(':');
    if (Label.size() < Line.size() && Label.trim().find_first_of(" \t%,") == StringRef::npos) return loadsStackPointer(Behind, For);
    auto [Mnemonic, Operands] = Line.trim().split(Line.contains('\t') && !Line.trim().contains(' ') ? '\t' : ' ');
    return For.LoadsStackPointer(Mnemonic, Operands);
}

static bool switchesStacks(StringRef Assembler, const Module &M)
{
    SmallVector<StringRef, 16> Lines;
    SplitString(Assembler, Lines, "\n;");
    return any_of(Lines, [&](StringRef Line) { return loadsStackPointer(Line, machineOf(M)); });
}

static constexpr char LoadsPointer[] = "assembler that loads the stack pointer switches stacks";

static void checkAssembler(const Instruction &I, Refusals &Errors)
{
    auto *Call = dyn_cast<CallBase>(&I);
    auto *Assembler = Call ? dyn_cast<InlineAsm>(Call->getCalledOperand()) : nullptr;
    if (Assembler && switchesStacks(Assembler->getAsmString(), *I.getModule()) && !isToldOf(*I.getFunction()))
        Errors.at(I, Twine(LoadsPointer) + Remedy);
}

void checkStackSwitches(const Module &M, Refusals &Errors)
{
    for (const Function &F : M)
        for (const Instruction &I : instructions(F)) {
            checkNames(I, Errors);
            checkAssembler(I, Errors);
        }
    for (const GlobalVariable &G : M.globals())
        if (G.hasInitializer()) checkTable(G, *G.getInitializer(), Errors);
    if (switchesStacks(M.getModuleInlineAsm(), M)) Errors.module(Twine(LoadsPointer) + Remedy + " [assembler outside of functions]");
}

} // namespace greywave
