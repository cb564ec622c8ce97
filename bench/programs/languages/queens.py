import sys


class Cell:
    __slots__ = ("row", "next")

    def __init__(self, row, next):
        self.row = row
        self.next = next


def append(items, rest):
    return rest if items is None else Cell(items.row, append(items.next, rest))


def is_safe(row, taken):
    distance = 1
    while taken is not None:
        if taken.row == row or taken.row == row + distance or taken.row == row - distance:
            return False
        taken = taken.next
        distance += 1
    return True


def count_solutions(untried, tried, taken):
    if untried is None:
        return 1 if tried is None else 0
    count = 0
    if is_safe(untried.row, taken):
        count = count_solutions(append(untried.next, tried), None, Cell(untried.row, taken))
    return count + count_solutions(untried.next, Cell(untried.row, tried), taken)


def main():
    size = int(sys.argv[1])
    rows = None
    for row in range(size, 0, -1):
        rows = Cell(row, rows)
    print("%d queens: %d solutions" % (size, count_solutions(rows, None, None)))


main()
