import sys

SYLLABLES = ["ba", "con", "de", "er", "for", "gra", "in", "ly", "men", "ness", "pre", "tion"]
seed = 42


def random_below(bound):
    global seed
    seed = seed * 16807 % 2147483647
    return seed % bound


def checksum(total, value):
    return (total * 31 + value) % 1000000007


def word(number):
    text = SYLLABLES[number % 12]
    number //= 12
    while number > 0:
        text = text + SYLLABLES[number % 12]
        number //= 12
    return text


def random_line():
    line = ""
    for _ in range(12):
        following = word(random_below(20000))
        longer = line + " "
        line = longer + following
    return line


def sum_of(line):
    total = 0
    for letter in line:
        total = checksum(total, ord(letter))
    return total


def main():
    size = int(sys.argv[1])
    lines = [None] * 4000
    letters = total = 0
    for i in range(size):
        line = random_line()
        letters += len(line)
        lines[i % 4000] = line
    for line in lines:
        if line is not None:
            total = checksum(total, sum_of(line))
    print("%d lines, %d letters, checksum %d" % (size, letters, total))


main()
