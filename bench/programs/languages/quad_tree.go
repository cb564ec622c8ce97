package main

import (
	"fmt"
	"os"
	"strconv"
)

type point struct {
	x, y int
	next *point
}

type quad struct {
	quarter          [4]*quad
	points           *point
	x, y, size, count int
}

var seed = 42

func randomBelow(bound int) int {
	seed = seed * 16807 % 2147483647
	return seed % bound
}

func checksum(sum, value int) int { return (sum*31 + value) % 1000000007 }

func (q *quad) quarterOf(p *point) *quad {
	half, i := q.size/2, 0
	if p.x >= q.x+half {
		i++
	}
	if p.y >= q.y+half {
		i += 2
	}
	return q.quarter[i]
}

func (q *quad) divide() {
	half := q.size / 2
	for i := range q.quarter {
		q.quarter[i] = &quad{x: q.x + i%2*half, y: q.y + i/2*half, size: half}
	}
	for p := q.points; p != nil; {
		next := p.next
		q.quarterOf(p).insert(p)
		p = next
	}
	q.points = nil
}

func (q *quad) insert(p *point) {
	for ; q.quarter[0] != nil; q = q.quarterOf(p) {
		q.count++
	}
	p.next = q.points
	q.points = p
	q.count++
	if q.count > 4 && q.size > 1 {
		q.divide()
	}
}

func randomTree(x, y, size, count int) *quad {
	q := &quad{x: x, y: y, size: size}
	for i := 0; i < count; i++ {
		p := &point{x: x + randomBelow(size)}
		p.y = y + randomBelow(size)
		q.insert(p)
	}
	return q
}

func (q *quad) sum() int {
	if q == nil {
		return 0
	}
	sum := q.count
	for p := q.points; p != nil; p = p.next {
		sum = checksum(sum, p.x+p.y)
	}
	for _, quarter := range q.quarter {
		sum = checksum(sum, quarter.sum())
	}
	return sum
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	points := 60000
	if rounds < 10 {
		points = 500
	}
	stays := randomTree(0, 0, 1<<20, points)
	world := randomTree(0, 0, 1<<20, points)
	for i := 0; i < rounds; i++ {
		q := world.quarter[i%4]
		world.quarter[i%4] = randomTree(q.x, q.y, q.size, q.count)
	}
	fmt.Printf("%d rounds, checksums %d %d\n", rounds, stays.sum(), world.sum())
}
