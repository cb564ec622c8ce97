"""From the Trace Event Format to the lines of spans.awk and counters.awk: what depth a span has is seen from times alone, as readers do it.

usage: events.py <file> spans | flows | counters
"""

import collections
import json
import sys
from decimal import Decimal


def ns(time):
    return int(Decimal(time) * 1000)


def number(value):
    """As protoc prints it: with the digits that are needed."""
    short = "%.15g" % value
    return short if float(short) == value else "%.17g" % value


def spans(events):
    """Readers let those that begin together lie in each other as they stand in the file."""
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            start = ns(event["ts"])
            tracks[event["pid"], event["tid"]].append((start, start + ns(event["dur"]), event))
    for track in tracks.values():
        around = []
        for start, end, event in sorted(track, key=lambda each: each[0]):
            while around and around[-1] <= start:
                if around[-1] == start and end == start:
                    break
                around.pop()
            if around and end > around[-1]:
                print("crossing", start)
            around.append(end)
            print_span(len(around), start, end, event)


def print_span(depth, start, end, event):
    arguments = event.get("args", {})
    flow = int(event["bind_id"], 16) if "bind_id" in event else "-"
    notes = (arguments.get("allocated bytes", "-"), arguments.get("promoted bytes", "-"))
    print("span", depth, start, end, flow, *notes, '"%s"' % event["name"])


def flows(events):
    """The first of a flow comes from nowhere, the last leads nowhere; a viewer draws nothing otherwise."""
    known = collections.defaultdict(list)
    for event in sorted((each for each in events if "bind_id" in each), key=lambda each: ns(each["ts"])):
        known[event["bind_id"]].append((event.get("flow_in", False), event.get("flow_out", False)))
    for flow, ends in known.items():
        wanted = [(i > 0, i < len(ends) - 1) for i in range(len(ends))]
        print("flow" if ends == wanted and len(ends) > 1 else "broken flow %s: %s" % (flow, ends))


def counters(events):
    for event in events:
        if event["ph"] == "C":
            unit, value = next(iter(event["args"].items()))
            print("counter", ns(event["ts"]), unit, number(float(value)), event["name"])
        if event["ph"] == "M":
            thread = "thread %d" % event["tid"] if event["name"] == "thread_name" else "process"
            print(thread, event["args"]["name"])


# Times as they are written: a double has no room for a nanosecond in a year.
events = json.load(open(sys.argv[1]), parse_float=str)["traceEvents"]
{"spans": spans, "flows": flows, "counters": counters}[sys.argv[2]](events)
