package main

import (
	"fmt"
	"os"
	"strconv"
)

type cell struct {
	next *cell
	row  int
}

func appended(list, rest *cell) *cell {
	if list == nil {
		return rest
	}
	tail := appended(list.next, rest)
	return &cell{tail, list.row}
}

func isSafe(row int, taken *cell) bool {
	for distance := 1; taken != nil; taken, distance = taken.next, distance+1 {
		if taken.row == row || taken.row == row+distance || taken.row == row-distance {
			return false
		}
	}
	return true
}

func countSolutions(untried, tried, taken *cell) int {
	if untried == nil {
		if tried == nil {
			return 1
		}
		return 0
	}
	count := 0
	if isSafe(untried.row, taken) {
		count = countSolutions(appended(untried.next, tried), nil, &cell{taken, untried.row})
	}
	return count + countSolutions(untried.next, &cell{tried, untried.row}, taken)
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	var rows *cell
	for row := size; row > 0; row-- {
		rows = &cell{rows, row}
	}
	fmt.Printf("%d queens: %d solutions\n", size, countSolutions(rows, nil, nil))
}
