"""References and heaps in gdb: printers, and the commands gw heap, gw roots, gw path and gw why-not-collected. What they say is in
greywave_heap.py, which lies in this file's folder, or in the folder `greywave` beside one around it."""

import os
import sys

import gdb


def folder_of_heap():
    at = os.path.dirname(os.path.abspath(__file__))
    while True:
        for folder in (at, os.path.join(at, "greywave")):
            if os.path.exists(os.path.join(folder, "greywave_heap.py")):
                return folder
        if at == os.path.dirname(at):
            raise gdb.GdbError("gw: greywave_heap.py is missing; it lies beside greywave-gdb.py in share/greywave")
        at = os.path.dirname(at)


sys.path.insert(0, folder_of_heap())
import greywave_heap

WORD = 0xFFFFFFFFFFFFFFFF


# ---- What the reader asks of gdb ------------------------------------------------------------------------


class Frame:
    def __init__(self, frame):
        line = frame.find_sal()
        self.frame, self.pc, self.number, self.name = frame, frame.pc(), frame.level(), frame.name()
        self.where = " at %s:%d" % (line.symtab.filename, line.line) if line.symtab else ""

    def register(self, name):
        try:
            return int(self.frame.read_register(name)) & WORD
        except ValueError:
            raise greywave_heap.Unreadable(greywave_heap.OTHER_MACHINE)


class Debugger:
    def memory(self, address, count):
        try:
            return bytes(gdb.selected_inferior().read_memory(address, count)) if count else b""
        except gdb.MemoryError as error:
            raise greywave_heap.Unreadable(str(error))

    def variable(self, name):
        try:
            return gdb.parse_and_eval({"registry": "'modules.c'::registry"}.get(name, name))
        except gdb.error as error:
            said = "the runtime cannot be read (%s): it needs debug information of libgreywave, and a process"
            raise greywave_heap.Unreadable(said % error)

    def record(self, type, address):
        return gdb.Value(address).cast(gdb.lookup_type("struct " + type).pointer()).dereference()

    def address(self, record):
        return int(record.address)

    def length(self, record):
        return record.type.range()[1] + 1

    def place(self, name):
        record = self.variable(name)
        return int(record.address), record.type.sizeof

    def symbol(self, address):
        """Without the section."""
        said = gdb.execute("info symbol %#x" % address, to_string=True).strip()
        return said.split(" in section")[0] if " in section" in said else "%#x" % address

    def frames(self):
        every, frame = [], gdb.newest_frame()
        while frame and frame.is_valid():
            every.append(Frame(frame))
            frame = frame.older()
        return every

    def fields(self, name):
        for spelt in ("struct " + name, name):
            try:
                return self.fields_of(gdb.lookup_type(spelt))
            except gdb.error:
                continue
        return None

    def fields_of(self, type):
        type = type.strip_typedefs()
        if type.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            return None
        return [(each.name, each.bitpos // 8, each.type.sizeof, each.type) for each in type.fields() if hasattr(each, "bitpos")]

    def elements_of(self, type):
        type = type.strip_typedefs()
        return (type.target(), type.target().sizeof) if type.code == gdb.TYPE_CODE_ARRAY else None


# ---- Commands -------------------------------------------------------------------------------------------


class Gw(gdb.Command):
    """Looks into a Greywave heap: gw heap, gw roots, gw path ADDRESS, gw why-not-collected ADDRESS."""

    def __init__(self):
        super().__init__("gw", gdb.COMMAND_DATA, prefix=True)


class Command(gdb.Command):
    def __init__(self, name, function):
        self.name, self.__doc__ = name, "gw %s: %s" % (name, function.__doc__)
        super().__init__("gw " + name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        try:
            for line in greywave_heap.answer(Debugger(), self.name, self.address(argument)):
                print(line)
        except greywave_heap.Unreadable as error:
            raise gdb.GdbError("gw: %s" % error)

    def address(self, argument):
        if self.name in greywave_heap.OF_AN_OBJECT and not argument:
            raise greywave_heap.Unreadable("of which object? Give an address, or an expression")
        return int(gdb.parse_and_eval(argument).cast(gdb.lookup_type("unsigned long"))) if argument else None


# ---- Printers -------------------------------------------------------------------------------------------

inside = [0]  # how many references are being printed around this one


class Reference:
    """Of an object in another: its type and size alone."""

    def __init__(self, heap, value, ref):
        self.heap, self.value, self.ref = heap, value, ref

    def to_string(self):
        return "%#x %s" % (self.ref, greywave_heap.summary(self.heap, self.ref))


class ReferenceWithFields(Reference):
    def children(self):
        inside[0] += 1
        try:
            target = self.value.dereference()
            for field in target.type.strip_typedefs().fields():
                if field.name:
                    yield field.name, target[field.name]
        finally:
            inside[0] -= 1


def printer_for(value):
    """A printer, where the value is a reference to an object of this thread's heap."""
    type = value.type.strip_typedefs()
    if type.code != gdb.TYPE_CODE_PTR or value.is_optimized_out:
        return None
    try:
        ref = int(value) & WORD
        if not greywave_heap.is_reference(ref):
            return None
        heap = greywave_heap.Heap(Debugger())
        if not greywave_heap.is_object(heap, ref):
            return None
        greywave_heap.summary(heap, ref)
        if inside[0] or type.target().strip_typedefs().code != gdb.TYPE_CODE_STRUCT:
            return Reference(heap, value, ref)
        return ReferenceWithFields(heap, value, ref)
    except (gdb.error, greywave_heap.Unreadable):
        return None


printer_for.name = "greywave"

if not any(getattr(each, "name", None) == "greywave" for each in gdb.pretty_printers):
    gdb.pretty_printers.append(printer_for)
Gw()
for name, function in greywave_heap.COMMANDS.items():
    Command(name, function)
