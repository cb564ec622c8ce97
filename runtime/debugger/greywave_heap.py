"""Greywave heaps as a debugger sees them: types, objects, roots, and what leads to an object. Shared by greywave-gdb.py and greywave_lldb.py.

Everything is read out of the process or its core, nothing is called: so it works wherever the program stands. The runtime's
structures are read by its debug information. docs/debugger.md says what is shown.

What is asked of a debugger is an object that Heap is given; it raises Unreadable:

    memory(address, count)   bytes
    variable(name)           of the runtime, as a record: record["field"], record[index], int(record); true unless null
    record(type, address)    a struct of the runtime's there
    address(record)          where it lies
    length(record)           how many elements an array has
    place(name)              address and size of a variable of the runtime
    symbol(address)          what is known of it, in words
    frames()                 of the selected thread, the innermost first: .pc, .number, .name, .where (" at file:line"), register(name)
    fields(name)             of the program's struct of this name: (name, offset, size, type) each; None: there is none
    fields_of(type)          the same of such a type; None: it is no struct
    elements_of(type)        type and size of an array's elements; None: it is none
"""

import bisect
import collections
import struct

BLOCK_SHIFT, GRANULE_SHIFT, HEADER = 15, 3, 8
TYPE_MASK, FORWARDED, IMMEDIATE = 0x0000FFFFFFFFFFF0, 2, 7
NO_BLOCK, NO_HANDLE_BIT = 0xFFFFFFFF, 63
RUNS, TAGS, THREAD_LOCAL = 4, 8, 1
SMALL, LARGE, MIXED, YOUNG = 1, 2, 4, 5
HAS_OLD = 16
EPHEMERON = 2  # this kind of cell and those behind it have a value
SAVED = {3: "rbx", 6: "rbp", 7: "rsp", 12: "r12", 13: "r13", 14: "r14", 15: "r15"}
OTHER_MACHINE = "roots cannot be read: registers are known of x86-64 alone"
PHASES = ["no cycle", "roots", "mark", "ephemerons", "remark", "weak references and finalizers", "sweep", "give memory back"]


class Unreadable(Exception):
    """What cannot be shown, and what to do, in words."""


# ---- Memory ---------------------------------------------------------------------------------------------


class Memory:
    """Words of the process, which stands still meanwhile: debuggers are asked for pages, since each question takes them as long."""

    PAGE, MOST_PAGES = 4096, 4096

    def __init__(self, debugger):
        self.read, self.pages = debugger.memory, {}

    def bytes(self, address, count):
        page, rest = address & -self.PAGE, address % self.PAGE
        if page not in self.pages:
            if len(self.pages) == self.MOST_PAGES:
                self.pages.clear()
            try:
                self.pages[page] = self.read(page, self.PAGE)
            except Unreadable:
                self.pages[page] = b""  # a part of it may be there
        said = self.pages[page][rest : rest + count]
        return said if len(said) == count else self.read(address, count)

    def word(self, address):
        return int.from_bytes(self.bytes(address, 8), "little")

    def words(self, address, count):
        return struct.unpack("<%dQ" % count, self.bytes(address, 8 * count))

    def numbers(self, address, count):
        return struct.unpack("<%dI" % count, self.bytes(address, 4 * count))

    def text(self, address):
        """Up to the null character, by words, which do not cross a page that is the last."""
        if not address:
            return "?"
        said = b""
        while b"\0" not in said:
            said += self.bytes(address + len(said), 8 - (address + len(said)) % 8)
        return said.split(b"\0")[0].decode("utf-8", "replace")


def is_reference(value):
    return value != 0 and value & IMMEDIATE == 0


# ---- Types and objects ----------------------------------------------------------------------------------


class Type:
    """A struct gw_type (greywave/abi.h)."""

    def __init__(self, memory, address):
        raw = struct.unpack("<Q6I4Q", memory.bytes(address, 64))
        name, self.size, self.flags, self.fixed, self.of_element, self.element, self.length_at, offsets, self.trace, _, _ = raw
        self.memory, self.address, self.name = memory, address, memory.text(name)
        self.runs = self.flags & RUNS
        if not self.runs:
            every = self.memory.numbers(offsets, self.fixed + self.of_element)
            self.offsets, self.element_offsets = every[: self.fixed], every[self.fixed :]
        else:
            self.read_runs(offsets)

    def read_runs(self, at):
        counts, size = self.memory.numbers(at, 2), 8 if self.flags & TAGS else 3
        every = self.memory.numbers(at + 8, sum(counts) * size)
        runs = [every[i : i + size] for i in range(0, len(every), size)]
        self.offsets, self.element_offsets = runs[: counts[0]], runs[counts[0] :]

    def length(self, ref):
        return self.memory.word(ref + self.length_at) if self.element else 0

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
        value = int.from_bytes(self.memory.bytes(base + offset, size), "little")
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

    def __init__(self, debugger):
        self.debugger, self.memory = debugger, Memory(debugger)
        self.types, self.names = {}, {}
        self.thread = debugger.variable("gw_current_thread")
        address = int(self.thread["heap"])
        if not address:
            raise Unreadable("no heap is attached to this thread; select another one")
        self.record = debugger.record("gw_heap", address)
        self.old, self.nursery = self.record["old"], self.record["nursery"]
        self.base, self.bytes = int(self.record["base"]), int(self.record["bytes"])
        self.cells = debugger.place("gw_cell_types")

    def contains(self, address):
        return 0 <= address - self.base < self.bytes

    def block(self, address):
        return self.old["blocks"]["blocks"][(address - self.base) >> BLOCK_SHIFT]

    def is_young(self, ref):
        young = int(self.old["blocks"]["young"][(ref - self.base) >> BLOCK_SHIFT])
        return young != 0 and not (young & HAS_OLD and self.bit(self.old["starts"], ref))

    def bit(self, bitmap, ref):
        granule = (ref - self.base) >> GRANULE_SHIFT
        return self.memory.word(int(bitmap) + (granule >> 6) * 8) >> (granule & 63) & 1

    def type_of(self, ref):
        header = self.memory.word(ref - HEADER)
        if header & FORWARDED:
            raise Unreadable("a collection is running, and objects are on the move; finish it first")
        return self.type_at(header & TYPE_MASK)

    def type_at(self, address):
        if address not in self.types:
            self.types[address] = Type(self.memory, address)
        return self.types[address]

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
                if not self.memory.word(at):
                    at += 8
                    continue
                yield at + HEADER
                at += self.type_of(at + HEADER).cell(at + HEADER)

    def granules(self, bitmap, block):
        count = 1 << (BLOCK_SHIFT - GRANULE_SHIFT - 6)
        return self.memory.words(int(bitmap) + block * count * 8, count)

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
            raise Unreadable("%#x lies in no object of this thread's heap (%#x to %#x)" % (address, self.base, self.base + self.bytes))
        every = sorted(self.objects())
        i = bisect.bisect_right(every, address) - 1
        if i < 0 or address >= every[i] - HEADER + self.type_of(every[i]).cell(every[i]):
            raise Unreadable("%#x lies in this thread's heap, and in no object of it: nothing was allocated there, or it is freed" % address)
        return every[i]

    # -- What an object refers to

    def cell_kind(self, type):
        first, size = self.cells
        return (type.address - first) // 64 if 0 <= type.address - first < size else None

    def edges(self, ref):
        """Pairs of a name and the object that is referred to."""
        type = self.type_of(ref)
        kind = self.cell_kind(type)
        if kind is not None and kind >= EPHEMERON and self.contains(self.memory.word(ref + 8)):
            yield "value, while its key lives", self.memory.word(ref + 8)
        for slot in type.slots(ref):
            value = self.memory.word(slot)
            if is_reference(value) and self.contains(value):
                yield self.edge_name(type, ref, slot), value

    def edge_name(self, type, ref, slot):
        if type.element and slot >= ref + type.size:
            index, rest = divmod(slot - ref - type.size, type.element)
            return "[%d]%s" % (index, "+%d" % rest if rest else "")
        known = type.name, slot - ref
        if known not in self.names:
            self.names[known] = field_at(self.debugger, *known)
        return self.names[known]

    def describe(self, ref):
        type = self.type_of(ref)
        many = ", %d elements" % type.length(ref) if type.element else ""
        return "%s %#x, %d bytes%s" % (type.name, ref, type.cell(ref), many)


def field_at(debugger, name, offset):
    """The field of a struct of this name, by the program's debug information; or the offset."""
    for spelt in ("gw_typeof_" + name, name):
        fields = debugger.fields(spelt)
        said = fields and field_in(debugger, fields, offset)
        if said:
            return said
    return "+%d" % offset


def field_in(debugger, fields, offset):
    for field, start, size, type in fields:
        if not start <= offset < start + max(size, 1):
            continue
        name, rest = "." + field if field else "", offset - start
        while debugger.elements_of(type):
            type, size = debugger.elements_of(type)
            name, rest = "%s[%d]" % (name, rest // size), rest % size
        inner = debugger.fields_of(type)
        if not inner:
            return name
        deeper = field_in(debugger, inner, rest)
        return deeper and name + deeper
    return None


# ---- Roots ----------------------------------------------------------------------------------------------


class FrameMaps:
    """The registry's table of frames by their return addresses (roots/frame_table.h)."""

    def __init__(self, heap):
        self.debugger, self.memory = heap.debugger, heap.memory
        self.registry = heap.debugger.variable("registry")
        table = self.registry["frames"]
        self.frames, self.shift, self.count = int(table["frames"]), int(table["shift"]), int(table["count"])

    def find(self, pc):
        if not self.count:
            return None
        mask = 0xFFFFFFFFFFFFFFFF >> self.shift
        i = (pc * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> self.shift
        while True:
            known, map = self.memory.words(self.frames + i * 32, 2)
            if known in (0, pc):
                return self.debugger.record("gw_frame_map", map) if known else None
            i = i + 1 & mask

    def modules(self):
        module = self.registry["modules"]
        while module:
            yield module
            module = module["next"]


def place(frame, location):
    """The address of a location of a map, or None and the value of a register."""
    value = frame.register(SAVED[int(location["reg"])])
    return (None, value) if int(location["in_register"]) else (value + int(location["offset"]), None)


def words_of_map(memory, frame, map):
    sp = frame.register("rsp")
    for i in range(int(map["slot_count"])):
        yield memory.word(sp + 8 * int(map["slots"][i]))
    for i in range(int(map["base_count"])):
        address, value = place(frame, map["bases"][i])
        yield value if address is None else memory.word(address)
    for i in range(int(map["region_count"])):
        region = map["regions"][i]
        start, _ = place(frame, region["start"])
        for block in range(int(region["count"])):
            for k in range(int(region["offset_count"])):
                offset = int(map["region_offsets"][int(region["first_offset"]) + k])
                yield memory.word(start + 8 * (block * int(region["stride"]) + offset))


def frame_roots(heap, maps):
    """A frame that is inlined has its caller's words, and is shown for it."""
    before = None
    for frame in heap.debugger.frames()[1:]:
        map = maps.find(frame.pc)
        if map is None or before == (frame.pc, frame.register("rsp")):
            continue
        before = frame.pc, frame.register("rsp")
        for value in words_of_map(heap.memory, frame, map):
            yield "frame #%d, %s%s" % (frame.number, frame.name or "?", frame.where), value


def shadow_roots(heap):
    at, top = int(heap.thread["shadow_base"]), int(heap.thread["shadow_top"])
    while at and at < top:
        value = heap.memory.word(at)
        at += 8
        if value >> NO_HANDLE_BIT == 0 or value & IMMEDIATE:
            yield "shadow stack", value
            continue
        variable, layout = value & ~(1 << 63), heap.memory.word(at) & ~(1 << 63)
        at += 8
        count, stride, offset_count = heap.memory.numbers(layout, 3)
        for block in range(count):
            for offset in heap.memory.numbers(layout + 12, offset_count):
                yield "shadow stack, variable %#x" % variable, heap.memory.word(variable + block * stride + offset)


def variable_roots(heap, maps):
    """Thread-local variables are left out: only a call says where they are."""
    for module in maps.modules():
        if not module["module"]:
            continue
        at, end = int(module["module"]["globals_begin"]), int(module["module"]["globals_end"])
        while at < end:
            relative, kind, count, stride, offset_count = struct.unpack("<i4I", heap.memory.bytes(at, 20))
            variable = at + relative
            if not kind & THREAD_LOCAL:
                for block in range(count):
                    for offset in heap.memory.numbers(at + 20, offset_count):
                        yield "variable " + heap.debugger.symbol(variable), heap.memory.word(variable + block * stride + offset)
            at += 20 + 4 * offset_count


def range_roots(heap):
    registered = heap.record["registered"]
    ranges = [registered["ranges"][i] for i in range(int(registered["count"]))]
    ranges += [registered["tracked"][i] for i in range(int(registered["tracked_count"]))]
    for each in ranges:
        for value in heap.memory.words(int(each["words"]), int(each["count"])):
            yield "registered root " + heap.debugger.symbol(int(each["words"])), value


def handle_roots(heap):
    slab = heap.record["handles"]["slabs"]
    while slab:
        taken = [int(slab["taken"][i]) for i in range(8)]
        address = heap.debugger.address(slab["words"])
        for i, value in enumerate(heap.memory.words(address, 490)):
            if taken[i >> 6] >> (i & 63) & 1:
                yield "handle %#x" % (address + 8 * i), value
        slab = slab["next"]
    stack = heap.record["stacks"]["all"]
    while stack:
        scoped = stack["scoped"]
        for i in range(int(scoped["count"])):
            slab = heap.debugger.record("gw_handle_slab", int(scoped["slabs"]["at"][i // 490]))
            yield "handle of a scope", heap.memory.word(heap.debugger.address(slab["words"]) + 8 * (i % 490))
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
        for i in range(heap.debugger.length(arguments)):
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
        for slot in heap.type_at(heap.memory.word(ref - HEADER) & TYPE_MASK).slots(ref):
            yield "static object " + heap.debugger.symbol(ref), heap.memory.word(slot)


def roots(heap):
    """Pairs of a place and the object that it refers to."""
    maps = FrameMaps(heap)
    finders = [frame_roots(heap, maps), shadow_roots(heap), variable_roots(heap, maps), range_roots(heap), handle_roots(heap)]
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


# ---- What commands say ----------------------------------------------------------------------------------

COMMANDS = {}
OF_AN_OBJECT = ("path", "why-not-collected")


def command(name):
    def known(function):
        COMMANDS[name] = function
        return function

    return known


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


@command("heap")
def say_heap(heap, address):
    """Figures of this thread's heap, and its objects by type, dead ones that no collection has met included."""
    stats, cycle = heap.record["stats"], heap.record["cycle"]
    counts, sizes = by_type(heap)
    yield "heap %#x to %#x, phase: %s" % (heap.base, heap.base + heap.bytes, PHASES[int(cycle["phase"])])
    yield "  eden %s, old objects %s, goal %s" % (megabytes(heap.record["eden"]["bytes"]), megabytes(heap.old["used_bytes"]), megabytes(cycle["goal_bytes"]))
    yield "  %d minor collections, %d cycles" % (int(stats["minor_collections"]), int(stats["major_collections"]))
    yield "%12s %12s  type" % ("objects", "bytes")
    for name, size in sizes.most_common():
        yield "%12d %12d  %s" % (counts[name], size, name)


@command("roots")
def say_roots(heap, address):
    """What refers to objects of this thread's heap from outside, and to which."""
    for where, ref in roots(heap):
        yield "%s: %s" % (where, heap.describe(ref))
    yield not_looked_at(heap)


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


def say_way(heap, path):
    yield path[0][0]
    for name, ref in [("", path[0][1])] + path[1:]:
        yield "  %-8s %s" % (name, heap.describe(ref))


@command("path")
def say_path(heap, address):
    """The shortest way from a root to the object at, or around, this address."""
    ref = heap.object_around(address)
    path = find_path(heap, ref)
    if path:
        yield from say_way(heap, path)
    else:
        yield "nothing leads to %s\n%s" % (heap.describe(ref), not_looked_at(heap))


@command("why-not-collected")
def say_why(heap, address):
    """What keeps the object at, or around, this address, or which collection will find that it is dead."""
    ref = heap.object_around(address)
    yield "%s, %s" % (heap.describe(ref), "young" if heap.is_young(ref) else "old")
    path = find_path(heap, ref)
    if path:
        yield "It is alive:"
        yield from say_way(heap, path)
    else:
        yield from say_when(heap, ref)


def say_when(heap, ref):
    yield "Nothing leads to it: it is dead, unless it is held by what is " + not_looked_at(heap)
    if heap.is_young(ref):
        holders = [each for each in heap.grown_old() if any(to == ref for _, to in heap.edges(each))]
        if not holders:
            yield "The next minor collection frees it."
            return
        yield "Minor collections keep it, for an old object refers to it that is dead as well: %s" % heap.describe(holders[0])
    phase = int(heap.record["cycle"]["phase"])
    marked = phase and heap.bit(heap.old["marks"], ref)
    if int(heap.record["cycle"]["disabled"]):
        yield "Cycles are switched off (gw_disable)."
    if not phase:
        goal, used = megabytes(heap.record["cycle"]["goal_bytes"]), megabytes(heap.old["used_bytes"])
        yield "The next cycle frees it, which begins when old objects have grown to about %s, and are %s now." % (goal, used)
    elif marked:
        yield "The cycle under way (%s) has met it before it died: the one after it frees it." % PHASES[phase]
    else:
        yield "The cycle under way (%s) frees it." % PHASES[phase]


def is_object(heap, value):
    """Whether a word that the program holds leads to an object that lies still."""
    if not is_reference(value) or not heap.contains(value):
        return False
    header = heap.memory.word(value - HEADER)
    return not header & FORWARDED and header & TYPE_MASK != 0


def summary(heap, ref):
    type = heap.type_of(ref)
    many = "[%d]" % type.length(ref) if type.element else ""
    return "%s%s, %d bytes" % (type.name, many, type.cell(ref))


def answer(debugger, name, address):
    """Lines of what a command says; `address` is None where it wants none."""
    return COMMANDS[name](Heap(debugger), address)
