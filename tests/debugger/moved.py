"""At each stop of moved.c, and at the lines behind it: each variable of type `struct node *` is optimized out, null, or leads to an object
that has not been vacated. Prints how many were seen, and how many of them had a value."""

import gdb

seen = shown = wrong = 0


def number_of(value):
    try:
        return int(value["number"])
    except gdb.MemoryError:
        return None


def look(frame):
    global seen, shown, wrong
    block = frame.block()
    while block:
        for symbol in block:
            if not (symbol.is_argument or symbol.is_variable) or str(symbol.type.strip_typedefs()) != "struct node *":
                continue
            value = symbol.value(frame)
            if symbol.is_variable and symbol.line >= frame.find_sal().line:
                continue  # it has no value yet
            seen += 1
            if value.is_optimized_out or not int(value):
                continue
            shown += 1
            if number_of(value) != 4711:
                wrong += 1
                print("wrong: %s of %s, line %d, is %s" % (symbol.name, frame.name(), frame.find_sal().line, hex(int(value))))
        if block.function:
            return
        block = block.superblock


def look_at_all():
    frame = gdb.newest_frame()
    while frame:
        if frame.name() in ("argument", "loop", "inlined", "chosen", "in_memory", "dead", "main"):
            look(frame)
        frame = frame.older()


gdb.execute("set pagination off")
gdb.execute("break stop_here")
gdb.execute("run")
while gdb.selected_inferior().pid:
    look_at_all()
    gdb.execute("finish", to_string=True)
    for _ in range(2):
        look_at_all()
        gdb.execute("next", to_string=True)
    gdb.execute("continue", to_string=True)
print("seen %d shown %d wrong %d" % (seen, shown, wrong))
