"""Steps through each door that doors.c goes through, instruction by instruction; what a door calls is stepped over. At each instruction the
backtrace leads through the function that came to the door, to main or to the end of a stack of its own. Prints how many doors and
instructions there were."""

import gdb

instructions = 0
entered = set()


def caller(frames):
    return next((name for name in frames if name and name.startswith("caller_")), None)


def ends_a_stack(frame):
    """A stack that nothing runs on yet: its last frame is the one that the runtime has laid out."""
    return 0 <= frame.pc() - int(gdb.parse_and_eval("(unsigned long)&gw_stack_base")) < 64


def check(door):
    """Frames from the innermost on; the last says why there is none behind it."""
    global instructions
    instructions += 1
    frames, frame, last = [], gdb.newest_frame(), None
    while frame:
        frames.append(frame.name())
        last, frame = frame, frame.older()
    by = caller(frames)
    end = "main" if by != "caller_on_stack" else by
    if ends_a_stack(last):
        return
    whole = last.unwind_stop_reason() in (gdb.FRAME_UNWIND_OUTERMOST, gdb.FRAME_UNWIND_NO_REASON)
    if not by or end not in frames or not whole:
        print("broken: in %s at %#x: %s, %s" % (door, gdb.newest_frame().pc(), frames, gdb.frame_stop_reason_string(last.unwind_stop_reason())))


def is_call_out():
    frame = gdb.newest_frame()
    text = frame.architecture().disassemble(frame.pc())[0]["asm"]
    return text.startswith("call") and not any("<%s>" % door in text for door in doors)


def step_through(door):
    entered.add(door)
    for _ in range(200):
        check(door)
        gdb.execute("nexti" if is_call_out() else "stepi", to_string=True)
        name = gdb.newest_frame().name()
        if name in doors:
            entered.add(name)
        elif name and name.startswith("caller_"):
            return
    print("endless: %s" % door)


gdb.execute("set pagination off")
gdb.execute("break caller_of_doors")
gdb.execute("run")
doors = [each.strip() for each in open(gdb.convenience_variable("doors").string()) if each.strip()]
for door in doors:
    gdb.execute("break *%s" % door, to_string=True)
gdb.execute("continue", to_string=True)
while gdb.selected_inferior().pid:
    name = gdb.newest_frame().name()
    if name in doors and gdb.newest_frame().older() and str(gdb.newest_frame().older().name()).startswith("caller_"):
        step_through(name)
    gdb.execute("continue", to_string=True)
print("doors %d instructions %d: %s" % (len(entered), instructions, " ".join(sorted(entered))))
