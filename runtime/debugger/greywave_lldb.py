"""References and heaps in lldb: summaries of references, and the commands gw heap, gw roots, gw path and gw why-not-collected. What they say is
in greywave_heap.py, which lies beside this file.

    command script import .../greywave_lldb.py
"""

import os
import sys

import lldb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import greywave_heap


# ---- What the reader asks of lldb -----------------------------------------------------------------------


class Record:
    """A value that is taken as gdb takes one."""

    def __init__(self, value):
        self.value = value

    def __getitem__(self, which):
        if isinstance(which, str):
            inner = self.value.GetChildMemberWithName(which)
        elif self.value.GetType().GetCanonicalType().IsPointerType():
            inner = self.pointed_at(which)
        else:
            inner = self.value.GetChildAtIndex(which)
        if not inner.IsValid() or inner.GetError().Fail():
            raise greywave_heap.Unreadable("the runtime cannot be read: no %s in %s" % (which, self.value.GetTypeName()))
        return Record(inner)

    def pointed_at(self, index):
        """lldb takes the children of a pointer to a struct for the struct's."""
        type, target = self.value.GetType().GetPointeeType(), self.value.GetTarget()
        place = self.value.GetValueAsUnsigned() + index * type.GetByteSize()
        return target.CreateValueFromAddress("[%d]" % index, lldb.SBAddress(place, target), type)

    def __int__(self):
        is_signed = self.value.GetType().GetTypeFlags() & lldb.eTypeIsSigned
        return self.value.GetValueAsSigned() if is_signed else self.value.GetValueAsUnsigned()

    def __bool__(self):
        return self.value.GetValueAsUnsigned() != 0


def evaluate(frame, expression):
    """Without running anything in the process, and without a number among the user's results."""
    options = lldb.SBExpressionOptions()
    options.SetAllowJIT(False)
    options.SetSuppressPersistentResult(True)
    return frame.EvaluateExpression(expression, options)


class Frame:
    def __init__(self, frame):
        line = frame.GetLineEntry()
        self.frame, self.pc, self.number, self.name = frame, frame.GetPC(), frame.GetFrameID(), frame.GetFunctionName()
        self.where = " at %s:%d" % (line.GetFileSpec().fullpath, line.GetLine()) if line.IsValid() else ""

    def register(self, name):
        value = self.frame.FindRegister(name)
        if not value.IsValid():
            raise greywave_heap.Unreadable(greywave_heap.OTHER_MACHINE)
        return value.GetValueAsUnsigned()


class Debugger:
    def __init__(self, target):
        self.target, self.process = target, target.GetProcess()
        self.thread = self.process.GetSelectedThread()

    def memory(self, address, count):
        """A core holds nothing that its files have: that is read there."""
        error = lldb.SBError()
        said = self.process.ReadMemory(address, count, error) if count else b""
        if error.Fail() and self.target.ResolveLoadAddress(address).GetSection().IsValid():
            error.Clear()
            said = self.target.ReadMemory(self.target.ResolveLoadAddress(address), count, error)
        if error.Fail():
            raise greywave_heap.Unreadable("memory at %#x cannot be read: %s" % (address, error))
        return said

    def variable(self, name):
        if name == "gw_current_thread":
            found = [evaluate(self.thread.GetFrameAtIndex(0), "&" + name).Dereference()]
        else:
            found = [each for each in self.target.FindGlobalVariables(name, 16) if "gw_" in each.GetTypeName()]
        if not found or not found[0].IsValid() or found[0].GetError().Fail():
            raise greywave_heap.Unreadable("the runtime cannot be read: it needs debug information of libgreywave, and a process")
        return Record(found[0])

    def record(self, type, address):
        known = self.target.FindFirstType(type)
        return Record(self.target.CreateValueFromAddress(type, lldb.SBAddress(address, self.target), known))

    def address(self, record):
        return record.value.GetLoadAddress()

    def length(self, record):
        return record.value.GetNumChildren()

    def place(self, name):
        record = self.variable(name)
        return self.address(record), record.value.GetByteSize()

    def symbol(self, address):
        place = self.target.ResolveLoadAddress(address)
        symbol = place.GetSymbol()
        if not symbol.IsValid():
            return "%#x" % address
        rest = address - symbol.GetStartAddress().GetLoadAddress(self.target)
        return symbol.GetName() + (" + %d" % rest if rest else "")

    def frames(self):
        return [Frame(each) for each in self.thread]

    def fields(self, name):
        type = self.target.FindFirstType(name)
        return self.fields_of(type) if type.IsValid() else None

    def fields_of(self, type):
        type = type.GetCanonicalType()
        if not type.GetTypeClass() & (lldb.eTypeClassStruct | lldb.eTypeClassClass | lldb.eTypeClassUnion):
            return None
        return [(each.GetName(), each.GetOffsetInBytes(), each.GetType().GetByteSize(), each.GetType()) for each in type.fields]

    def elements_of(self, type):
        type = type.GetCanonicalType()
        if not type.GetTypeClass() & lldb.eTypeClassArray:
            return None
        return type.GetArrayElementType(), type.GetArrayElementType().GetByteSize()


# ---- Commands -------------------------------------------------------------------------------------------


def asked_for(name, argument, thread):
    """The address that is meant, or None."""
    if not argument:
        if name in greywave_heap.OF_AN_OBJECT:
            raise greywave_heap.Unreadable("of which object? Give an address, or an expression")
        return None
    value = evaluate(thread.GetSelectedFrame(), argument)
    if value.GetError().Fail():
        raise greywave_heap.Unreadable(str(value.GetError()))
    return value.GetValueAsUnsigned()


def gw(debugger, words, result, session):
    """Looks into a Greywave heap: gw heap, gw roots, gw path ADDRESS, gw why-not-collected ADDRESS."""
    name, _, argument = words.strip().partition(" ")
    reader = Debugger(debugger.GetSelectedTarget())
    try:
        if name not in greywave_heap.COMMANDS:
            raise greywave_heap.Unreadable("there are: " + ", ".join(greywave_heap.COMMANDS))
        for line in greywave_heap.answer(reader, name, asked_for(name, argument.strip(), reader.thread)):
            result.AppendMessage(line)
    except greywave_heap.Unreadable as error:
        result.SetError("gw: %s" % error)


# ---- Summaries ------------------------------------------------------------------------------------------


def may_refer(type, session):
    """Pointers to structs, and to anything: those to characters have a summary of their own."""
    type = type.GetCanonicalType()
    target = type.GetPointeeType().GetCanonicalType().GetTypeClass()
    is_void = type.GetPointeeType().GetCanonicalType().GetBasicType() == lldb.eBasicTypeVoid
    return bool(type.IsPointerType() and (is_void or target & (lldb.eTypeClassStruct | lldb.eTypeClassClass | lldb.eTypeClassUnion)))


def summary(value, session):
    """Type and size, where it is a reference to an object of this thread's heap."""
    ref = value.GetValueAsUnsigned()
    if not greywave_heap.is_reference(ref):
        return ""
    try:
        heap = greywave_heap.Heap(Debugger(value.GetTarget()))
        return greywave_heap.summary(heap, ref) if greywave_heap.is_object(heap, ref) else ""
    except greywave_heap.Unreadable:
        return ""


def __lldb_init_module(debugger, session):
    debugger.HandleCommand("command script add -o -f greywave_lldb.gw gw")
    debugger.HandleCommand("type summary add -F greywave_lldb.summary --recognizer-function greywave_lldb.may_refer")
