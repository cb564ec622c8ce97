package main

import (
	"fmt"
	"os"
	"strconv"
)

type value struct{ number int }

type entry struct {
	next  *entry
	value *value
	key   int
}

type table struct {
	buckets []*entry
	count   int
}

var seed = 42

func randomBelow(bound int) int {
	seed = seed * 16807 % 2147483647
	return seed % bound
}

func placeOf(key, length int) int { return key * 7919 % 1000003 % length }

func (t *table) grow() {
	buckets := make([]*entry, 2*len(t.buckets))
	for _, e := range t.buckets {
		for e != nil {
			next, place := e.next, placeOf(e.key, len(buckets))
			e.next = buckets[place]
			buckets[place] = e
			e = next
		}
	}
	t.buckets = buckets
}

func (t *table) find(key int) *entry {
	e := t.buckets[placeOf(key, len(t.buckets))]
	for e != nil && e.key != key {
		e = e.next
	}
	return e
}

func (t *table) insert(key int, v *value) {
	if t.count == len(t.buckets) {
		t.grow()
	}
	place := placeOf(key, len(t.buckets))
	t.buckets[place] = &entry{t.buckets[place], v, key}
	t.count++
}

func (t *table) remove(key int) {
	place := placeOf(key, len(t.buckets))
	var before *entry
	e := t.buckets[place]
	for ; e != nil && e.key != key; e = e.next {
		before = e
	}
	if e == nil {
		return
	}
	if before != nil {
		before.next = e.next
	} else {
		t.buckets[place] = e.next
	}
	t.count--
}

func (t *table) countUp(key int) {
	if e := t.find(key); e != nil {
		e.value = &value{e.value.number + 1}
	} else {
		t.insert(key, &value{1})
	}
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	t, sum := &table{buckets: make([]*entry, 16)}, 0
	for i := 0; i < size; i++ {
		t.countUp(randomBelow(200000))
		if i%2 == 1 {
			t.remove(randomBelow(200000))
		}
	}
	for _, e := range t.buckets {
		for ; e != nil; e = e.next {
			sum = (sum + e.key*e.value.number) % 1000000007
		}
	}
	fmt.Printf("%d changes, %d entries, sum %d\n", size, t.count, sum)
}
