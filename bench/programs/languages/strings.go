package main

import (
	"fmt"
	"os"
	"strconv"
)

var syllables = []string{"ba", "con", "de", "er", "for", "gra", "in", "ly", "men", "ness", "pre", "tion"}
var seed = 42

func randomBelow(bound int) int {
	seed = seed * 16807 % 2147483647
	return seed % bound
}

func checksum(sum, value int) int { return (sum*31 + value) % 1000000007 }

func word(number int) string {
	text := syllables[number%12]
	for number /= 12; number > 0; number /= 12 {
		text = text + syllables[number%12]
	}
	return text
}

func randomLine() string {
	line := ""
	for i := 0; i < 12; i++ {
		next := word(randomBelow(20000))
		longer := line + " "
		line = longer + next
	}
	return line
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	lines, letters, sum := make([]string, 4000), 0, 0
	for i := 0; i < size; i++ {
		line := randomLine()
		letters += len(line)
		lines[i%4000] = line
	}
	for _, line := range lines {
		if line != "" {
			own := 0
			for i := 0; i < len(line); i++ {
				own = checksum(own, int(line[i]))
			}
			sum = checksum(sum, own)
		}
	}
	fmt.Printf("%d lines, %d letters, checksum %d\n", size, letters, sum)
}
