"""References and heaps in gdb: printers, and the commands gw heap, gw roots, gw path and gw why-not-collected.

Everything is read out of the process or its core, nothing is called: so it works wherever the program stands. The runtime's
structures are read by its debug information. docs/debugger.md says what is shown.
"""

import bisect
import collections
import struct

import gdb

BLOCK_SHIFT, GRANULE_SHIFT, HEADER = 15, 3, 8
TYPE_MASK, FORWARDED, IMMEDIATE = 0x0000FFFFFFFFFFF0, 2, 7
NO_BLOCK, NO_HANDLE_BIT = 0xFFFFFFFF, 63
RUNS, TAGS, THREAD_LOCAL = 4, 8, 1
SMALL, LARGE, MIXED, YOUNG = 1, 2, 4, 5
HAS_OLD = 16
EPHEMERON = 2  # this kind of cell and those behind it have a value
SAVED = {3: "rbx", 6: "rbp", 7: "rsp", 12: "r12", 13: "r13", 14: "r14", 15: "r15"}
PHASES = ["no cycle", "roots", "mark", "ephemerons", "remark", "weak references and finalizers", "sweep", "give memory back"]


# ---- Memory ---------------------------------------------------------------------------------------------


def memory(address, count):
    return bytes(gdb.selected_inferior().read_memory(address, count)) if count else b""


def word(address):
    return int.from_bytes(memory(address, 8), "little")


def words(address, count):
    return struct.unpack("<%dQ" % count, memory(address, 8 * count))


def numbers(address, count):
    return struct.unpack("<%dI" % count, memory(address, 4 * count))


def text(address):
    return gdb.Value(address).cast(gdb.lookup_type("char").pointer()).string("utf-8", "replace") if address else "?"


def symbol(address):
    """What gdb knows of an address, without the section."""
    said = gdb.execute("info symbol %#x" % address, to_string=True).strip()
    return said.split(" in section")[0] if " in section" in said else "%#x" % address


def is_reference(value):
    return value != 0 and value & IMMEDIATE == 0


# ---- Types and objects ----------------------------------------------------------------------------------


class Type:
    """A struct gw_type (greywave/abi.h)."""

    known = {}

    def __init__(self, address):
        raw = struct.unpack("<Q6I4Q", memory(address, 64))
        name, self.size, self.flags, self.fixed, self.of_element, self.element, self.length_at, offsets, self.trace, _, _ = raw
        self.address, self.name = address, text(name)
        self.runs = self.flags & RUNS
        if not self.runs:
            every = numbers(offsets, self.fixed + self.of_element)
            self.offsets, self.element_offsets = every[: self.fixed], every[self.fixed :]
        else:
            self.read_runs(offsets)

    def read_runs(self, at):
        counts, size = numbers(at, 2), 8 if self.flags & TAGS else 3
        every = numbers(at + 8, sum(counts) * size)
        runs = [every[i : i + size] for i in range(0, len(every), size)]
        self.offsets, self.element_offsets = runs[: counts[0]], runs[counts[0] :]

    @staticmethod
    def at(address):
        if address not in Type.known:
            Type.known[address] = Type(address)
        return Type.known[address]

    def length(self, ref):
        return word(ref + self.length_at) if self.element else 0

    def cell(self, ref):
        payload = self.size + self.length(ref) * self.element
        return HEADER + max(8, (payload + 7) & ~7)

    def slots_of(self, part, base):
        if not self.runs:
            return [base + offset for offset in part]
        return [slot for run in part for slot in self.slots_of_run(run, base)]

    def slots_of_run(self, run, base):
        start, count, stride = run[:3]
        for i in range(count):
            if self.flags & TAGS and run[4] and not self.tag_refers(run[3:], base + i * stride):
                continue
            yield base + start + i * stride

    def tag_refers(self, tag, base):
        offset, size, mask, low, span = tag
        value = int.from_bytes(memory(base + offset, size), "little")
        return ((value & mask) - low) & (0xFFFFFFFF >> (32 - 8 * size)) <= span

    def slots(self, ref):
        """Addresses of words that may refer. None known where the program's own function traces."""
        if self.trace and not self.runs:
            return
        yield from self.slots_of(self.offsets, ref)
        if not self.element_offsets:
            return
        for i in range(self.length(ref)):
            yield from self.slots_of(self.element_offsets, ref + self.size + i * self.element)


class Heap:
    """The heap of the selected thread."""

    def __init__(self):
        try:
            thread = gdb.parse_and_eval("gw_current_thread")
            address = int(thread["heap"])
            self.record = thread["heap"].cast(gdb.lookup_type("struct gw_heap").pointer()).dereference()
        except gdb.error as error:
            raise gdb.GdbError("gw: the runtime cannot be read (%s): it needs debug information of libgreywave, and a process" % error)
        if not address:
            raise gdb.GdbError("gw: no heap is attached to this thread; select another one (info threads, thread N)")
        self.thread, self.old, self.nursery = thread, self.record["old"], self.record["nursery"]
        self.base, self.bytes = int(self.record["base"]), int(self.record["bytes"])
        self.cells = int(gdb.parse_and_eval("&gw_cell_types")), int(gdb.parse_and_eval("sizeof gw_cell_types"))

    def contains(self, address):
        return 0 <= address - self.base < self.bytes

    def block(self, address):
        return self.old["blocks"]["blocks"][(address - self.base) >> BLOCK_SHIFT]

    def is_young(self, ref):
        young = int(self.old["blocks"]["young"][(ref - self.base) >> BLOCK_SHIFT])
        return young != 0 and not (young & HAS_OLD and self.bit(self.old["starts"], ref))

    def bit(self, bitmap, ref):
        granule = (ref - self.base) >> GRANULE_SHIFT
        return word(int(bitmap) + (granule >> 6) * 8) >> (granule & 63) & 1

    def type_of(self, ref):
        header = word(ref - HEADER)
        if header & FORWARDED:
            raise gdb.GdbError("gw: a collection is running, and objects are on the move; finish it first")
        return Type.at(header & TYPE_MASK)

    # -- All objects

    def pieces(self):
        nursery = self.nursery
        survivors = int(nursery["survivors"][int(nursery["survivor"])])
        if survivors != NO_BLOCK:
            yield self.base + (survivors << BLOCK_SHIFT), int(nursery["survivors_end"])
        for i in range(int(nursery["filled_count"])):
            yield int(nursery["filled"][i]["from"]), int(nursery["filled"][i]["end"])
        for mutator in self.mutators():
            yield int(mutator["piece"]["from"]), int(mutator["thread"]["alloc"])

    def mutators(self):
        mutator = self.record["mutators"]
        while mutator:
            yield mutator
            mutator = mutator["next"]

    def young(self):
        for at, end in self.pieces():
            while at < end:
                if not word(at):
                    at += 8
                    continue
                yield at + HEADER
                at += self.type_of(at + HEADER).cell(at + HEADER)

    def granules(self, bitmap, block):
        count = 1 << (BLOCK_SHIFT - GRANULE_SHIFT - 6)
        return words(int(bitmap) + block * count * 8, count)

    def grown_old(self):
        blocks, epoch = self.old["blocks"], int(self.old["epoch"])
        for index in range(int(blocks["top"])):
            block = blocks["blocks"][index]
            kind = int(block["kind"])
            if kind not in (SMALL, LARGE, MIXED) and not (kind == YOUNG and int(blocks["young"][index]) & HAS_OLD):
                continue
            bits = self.granules(self.old["starts"], index)
            if int(block["epoch"]) != epoch:
                bits = [a & b for a, b in zip(bits, self.granules(self.old["marks"], index))]
            for i, these in enumerate(bits):
                while these:
                    bit = (these & -these).bit_length() - 1
                    these &= these - 1
                    yield self.base + (index << BLOCK_SHIFT) + ((i * 64 + bit) << GRANULE_SHIFT)

    def objects(self):
        yield from self.young()
        yield from self.grown_old()

    def object_around(self, address):
        if not self.contains(address):
            raise gdb.GdbError("gw: %#x lies in no object of this thread's heap (%#x to %#x)" % (address, self.base, self.base + self.bytes))
        every = sorted(self.objects())
        i = bisect.bisect_right(every, address) - 1
        if i < 0 or address >= every[i] - HEADER + self.type_of(every[i]).cell(every[i]):
            raise gdb.GdbError("gw: %#x lies in this thread's heap, and in no object of it: nothing was allocated there, or it is freed" % address)
        return every[i]

    # -- What an object refers to

    def cell_kind(self, type):
        first, size = self.cells
        return (type.address - first) // 64 if 0 <= type.address - first < size else None

    def edges(self, ref):
        """Pairs of a name and the object that is referred to."""
        type = self.type_of(ref)
        kind = self.cell_kind(type)
        if kind is not None and kind >= EPHEMERON and self.contains(word(ref + 8)):
            yield "value, while its key lives", word(ref + 8)
        for slot in type.slots(ref):
            value = word(slot)
            if is_reference(value) and self.contains(value):
                yield self.edge_name(type, ref, slot), value

    def edge_name(self, type, ref, slot):
        if type.element and slot >= ref + type.size:
            index, rest = divmod(slot - ref - type.size, type.element)
            return "[%d]%s" % (index, "+%d" % rest if rest else "")
        return field_at(type.name, slot - ref)

    def describe(self, ref):
        type = self.type_of(ref)
        many = ", %d elements" % type.length(ref) if type.element else ""
        return "%s %#x, %d bytes%s" % (type.name, ref, type.cell(ref), many)


def field_at(name, offset):
    """The field of a struct of this name, by the program's debug information; or the offset."""
    for spelt in ("gw_typeof_" + name, "struct " + name, name):
        try:
            return field_in(gdb.lookup_type(spelt).strip_typedefs(), offset)
        except (gdb.error, LookupError):
            continue
    return "+%d" % offset


def field_in(type, offset):
    for field in type.fields():
        if not hasattr(field, "bitpos"):
            continue
        start, inner = field.bitpos // 8, field.type.strip_typedefs()
        if not start <= offset < start + max(inner.sizeof, 1):
            continue
        name, rest = "." + field.name if field.name else "", offset - start
        while inner.code == gdb.TYPE_CODE_ARRAY:
            inner = inner.target().strip_typedefs()
            name, rest = "%s[%d]" % (name, rest // inner.sizeof), rest % inner.sizeof
        return name + field_in(inner, rest) if inner.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION) else name
    raise LookupError(offset)


# ---- Roots ----------------------------------------------------------------------------------------------


class FrameMaps:
    """The registry's table of frames by their return addresses (roots/frame_table.h)."""

    def __init__(self):
        self.registry = gdb.parse_and_eval("'modules.c'::registry")
        table = self.registry["frames"]
        self.frames, self.shift, self.count = int(table["frames"]), int(table["shift"]), int(table["count"])
        self.map = gdb.lookup_type("struct gw_frame_map").pointer()

    def find(self, pc):
        if not self.count:
            return None
        mask = 0xFFFFFFFFFFFFFFFF >> self.shift
        i = (pc * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> self.shift
        while True:
            known, map = words(self.frames + i * 32, 2)
            if known in (0, pc):
                return gdb.Value(map).cast(self.map).dereference() if known else None
            i = i + 1 & mask

    def modules(self):
        module = self.registry["modules"]
        while module:
            yield module.dereference()
            module = module["next"]


def place(frame, location):
    """The address of a location of a map, or None and the value of a register."""
    value = int(frame.read_register(SAVED[int(location["reg"])])) & 0xFFFFFFFFFFFFFFFF
    return (None, value) if int(location["in_register"]) else (value + int(location["offset"]), None)


def words_of_map(frame, map):
    sp = int(frame.read_register("rsp"))
    for i in range(int(map["slot_count"])):
        yield word(sp + 8 * int(map["slots"][i]))
    for i in range(int(map["base_count"])):
        address, value = place(frame, map["bases"][i])
        yield value if address is None else word(address)
    for i in range(int(map["region_count"])):
        region = map["regions"][i]
        start, _ = place(frame, region["start"])
        for block in range(int(region["count"])):
            for k in range(int(region["offset_count"])):
                offset = int(map["region_offsets"][int(region["first_offset"]) + k])
                yield word(start + 8 * (block * int(region["stride"]) + offset))


def frame_roots(maps):
    frame = gdb.newest_frame().older()
    while frame and frame.is_valid():
        map = maps.find(frame.pc())
        if map is not None:
            line = frame.find_sal()
            where = " at %s:%d" % (line.symtab.filename, line.line) if line.symtab else ""
            for value in words_of_map(frame, map):
                yield "frame #%d, %s%s" % (frame.level(), frame.name() or "?", where), value
        frame = frame.older()


def shadow_roots(heap):
    at, top = int(heap.thread["shadow_base"]), int(heap.thread["shadow_top"])
    while at and at < top:
        value = word(at)
        at += 8
        if value >> NO_HANDLE_BIT == 0 or value & IMMEDIATE:
            yield "shadow stack", value
            continue
        variable, layout = value & ~(1 << 63), word(at) & ~(1 << 63)
        at += 8
        count, stride, offset_count = numbers(layout, 3)
        for block in range(count):
            for offset in numbers(layout + 12, offset_count):
                yield "shadow stack, variable %#x" % variable, word(variable + block * stride + offset)


def variable_roots(maps):
    """Thread-local variables are left out: only a call says where they are."""
    for module in maps.modules():
        if not module["module"]:
            continue
        at, end = int(module["module"]["globals_begin"]), int(module["module"]["globals_end"])
        while at < end:
            relative, kind, count, stride, offset_count = struct.unpack("<i4I", memory(at, 20))
            variable = at + relative
            if not kind & THREAD_LOCAL:
                for block in range(count):
                    for offset in numbers(at + 20, offset_count):
                        yield "variable " + symbol(variable), word(variable + block * stride + offset)
            at += 20 + 4 * offset_count


def range_roots(heap):
    registered = heap.record["registered"]
    ranges = [registered["ranges"][i] for i in range(int(registered["count"]))]
    ranges += [registered["tracked"][i].dereference() for i in range(int(registered["tracked_count"]))]
    for each in ranges:
        for value in words(int(each["words"]), int(each["count"])):
            yield "registered root " + symbol(int(each["words"])), value


def handle_roots(heap):
    slab = heap.record["handles"]["slabs"]
    while slab:
        taken = [int(slab["taken"][i]) for i in range(8)]
        for i, value in enumerate(words(int(slab["words"].address), 490)):
            if taken[i >> 6] >> (i & 63) & 1:
                yield "handle %#x" % (int(slab["words"].address) + 8 * i), value
        slab = slab["next"]
    stack = heap.record["stacks"]["all"]
    while stack:
        scoped = stack["scoped"]
        for i in range(int(scoped["count"])):
            slab = int(scoped["slabs"]["at"][i // 490]) + int(gdb.parse_and_eval("(long)&((struct gw_handle_slab *)0)->words"))
            yield "handle of a scope", word(slab + 8 * (i % 490))
        stack = stack["next"]


def other_roots(heap):
    table = heap.record["pins"]["table"]
    for i in range(int(table["count"])):
        yield "pinned object", int(table["entries"][i]["object"])
    queue = heap.record["finalizers"]["queues"]
    while queue:
        for i in range(int(queue["head"]), int(queue["ready"]["count"])):
            yield "ready for its finalizer", int(queue["ready"]["at"][i]["object"])
        queue = queue["next"]
    for mutator in heap.mutators():
        arguments = mutator["arguments"]
        for i in range(arguments.type.range()[1] + 1):
            yield "argument of the runtime", int(arguments[i])


def frozen_roots(heap):
    if int(heap.record["frozen"]["objects"]):
        for ref in heap.grown_old():
            if int(heap.block(ref)["frozen"]):
                yield "frozen object", ref


def static_roots(heap):
    recorded = heap.record["recorded"]
    for i in range(int(recorded["static_count"])):
        ref = int(recorded["statics"][i]) & ~1
        for slot in Type.at(word(ref - HEADER) & TYPE_MASK).slots(ref):
            yield "static object " + symbol(ref), word(slot)


def roots(heap):
    """Pairs of a place and the object that it refers to."""
    maps = FrameMaps()
    finders = [frame_roots(maps), shadow_roots(heap), variable_roots(maps), range_roots(heap), handle_roots(heap)]
    finders += [other_roots(heap), static_roots(heap), frozen_roots(heap)]
    for finder in finders:
        for where, value in finder:
            if is_reference(value) and heap.contains(value):
                yield where, value


def not_looked_at(heap):
    """What roots leaves out, in words."""
    threads, stacks, stack = len(list(heap.mutators())), 0, heap.record["stacks"]["all"]
    while stack:
        stacks += int(stack["number"]) != 0
        stack = stack["next"]
    waiting = stacks - threads
    said = ["thread-local variables", "the innermost frame, unless it stands at a call"]
    if threads > 1:
        said.append("frames of %d other threads" % (threads - 1))
    if waiting:
        said.append("%d stacks that wait" % waiting)
    return "not looked at: " + "; ".join(said)


# ---- Commands -------------------------------------------------------------------------------------------


class Gw(gdb.Command):
    """Looks into a Greywave heap: gw heap, gw roots, gw path ADDRESS, gw why-not-collected ADDRESS."""

    def __init__(self):
        super().__init__("gw", gdb.COMMAND_DATA, prefix=True)


def megabytes(count):
    return "%.2f MB" % (int(count) / 1048576)


def by_type(heap):
    counts = collections.Counter()
    sizes = collections.Counter()
    for ref in heap.objects():
        type = heap.type_of(ref)
        counts[type.name] += 1
        sizes[type.name] += type.cell(ref)
    return counts, sizes


class HeapCommand(gdb.Command):
    """gw heap: figures of this thread's heap, and its objects by type, dead ones that no collection has met included."""

    def __init__(self):
        super().__init__("gw heap", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        heap = Heap()
        stats, cycle = heap.record["stats"], heap.record["cycle"]
        counts, sizes = by_type(heap)
        print("heap %#x to %#x, phase: %s" % (heap.base, heap.base + heap.bytes, PHASES[int(cycle["phase"])]))
        print("  eden %s, old objects %s, goal %s" % (megabytes(heap.record["eden"]["bytes"]), megabytes(heap.old["used_bytes"]), megabytes(cycle["goal_bytes"])))
        print("  %d minor collections, %d cycles" % (int(stats["minor_collections"]), int(stats["major_collections"])))
        print("%12s %12s  type" % ("objects", "bytes"))
        for name, size in sizes.most_common():
            print("%12d %12d  %s" % (counts[name], size, name))


class RootsCommand(gdb.Command):
    """gw roots: what refers to objects of this thread's heap from outside, and to which."""

    def __init__(self):
        super().__init__("gw roots", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        heap = Heap()
        for where, ref in roots(heap):
            print("%s: %s" % (where, heap.describe(ref)))
        print(not_looked_at(heap))


def find_path(heap, wanted):
    """The shortest way from a root: a list of (place or field, object), or None."""
    came, queue = {}, collections.deque()
    for where, ref in roots(heap):
        if ref not in came:
            came[ref] = (where, None)
            queue.append(ref)
    while queue and wanted not in came:
        ref = queue.popleft()
        for name, to in heap.edges(ref):
            if to not in came:
                came[to] = (name, ref)
                queue.append(to)
    path, at = [], wanted
    while at is not None and at in came:
        name, before = came[at]
        path.insert(0, (name, at))
        at = before
    return path or None


def print_path(heap, path):
    print(path[0][0])
    for name, ref in [("", path[0][1])] + path[1:]:
        print("  %-8s %s" % (name, heap.describe(ref)))


def asked_for(argument):
    if not argument:
        raise gdb.GdbError("gw: of which object? Give an address, or an expression")
    return int(gdb.parse_and_eval(argument).cast(gdb.lookup_type("unsigned long")))


class PathCommand(gdb.Command):
    """gw path ADDRESS: the shortest way from a root to the object at, or around, this address."""

    def __init__(self):
        super().__init__("gw path", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        heap = Heap()
        ref = heap.object_around(asked_for(argument))
        path = find_path(heap, ref)
        if path:
            print_path(heap, path)
        else:
            print("nothing leads to %s\n%s" % (heap.describe(ref), not_looked_at(heap)))


class WhyCommand(gdb.Command):
    """gw why-not-collected ADDRESS: what keeps the object, or which collection will find that it is dead."""

    def __init__(self):
        super().__init__("gw why-not-collected", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        heap = Heap()
        ref = heap.object_around(asked_for(argument))
        print("%s, %s" % (heap.describe(ref), "young" if heap.is_young(ref) else "old"))
        path = find_path(heap, ref)
        if path:
            print("It is alive:")
            print_path(heap, path)
        else:
            self.say_when(heap, ref)

    def say_when(self, heap, ref):
        print("Nothing leads to it: it is dead, unless it is held by what is " + not_looked_at(heap))
        if heap.is_young(ref):
            holders = [each for each in heap.grown_old() if any(to == ref for _, to in heap.edges(each))]
            print("The next minor collection frees it." if not holders else
                  "Minor collections keep it, for an old object refers to it that is dead as well: %s" % heap.describe(holders[0]))
            if not holders:
                return
        phase = int(heap.record["cycle"]["phase"])
        marked = phase and heap.bit(heap.old["marks"], ref)
        if int(heap.record["cycle"]["disabled"]):
            print("Cycles are switched off (gw_disable).")
        if not phase:
            print("The next cycle frees it, which begins when old objects have grown to about %s, and are %s now." % (
                megabytes(heap.record["cycle"]["goal_bytes"]), megabytes(heap.old["used_bytes"])))
        elif marked:
            print("The cycle under way (%s) has met it before it died: the one after it frees it." % PHASES[phase])
        else:
            print("The cycle under way (%s) frees it." % PHASES[phase])


# ---- Printers -------------------------------------------------------------------------------------------

inside = [0]  # how many references are being printed around this one


class Reference:
    """Of an object in another: its type and size alone."""

    def __init__(self, heap, value, ref):
        self.heap, self.value, self.ref = heap, value, ref

    def to_string(self):
        type = self.heap.type_of(self.ref)
        many = "[%d]" % type.length(self.ref) if type.element else ""
        return "%#x %s%s, %d bytes" % (self.ref, type.name, many, type.cell(self.ref))


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
        ref = int(value) & 0xFFFFFFFFFFFFFFFF
        if not is_reference(ref):
            return None
        heap = Heap()
        if not heap.contains(ref) or word(ref - HEADER) & FORWARDED or not word(ref - HEADER) & TYPE_MASK:
            return None
        heap.type_of(ref).cell(ref)
        if inside[0] or type.target().strip_typedefs().code != gdb.TYPE_CODE_STRUCT:
            return Reference(heap, value, ref)
        return ReferenceWithFields(heap, value, ref)
    except (gdb.error, gdb.GdbError):
        return None


printer_for.name = "greywave"

if not any(getattr(each, "name", None) == "greywave" for each in gdb.pretty_printers):
    gdb.pretty_printers.append(printer_for)
for command in (Gw, HeapCommand, RootsCommand, PathCommand, WhyCommand):
    command()
