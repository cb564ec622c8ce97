local seed = 42

local function random_below(bound)
  seed = seed * 16807 % 2147483647
  return seed % bound
end

local function empty_buckets(length)
  local buckets = {length = length}
  for i = 1, length do buckets[i] = false end
  return buckets
end

local table = {buckets = empty_buckets(16), count = 0}

local function place_of(key, length)
  return key * 7919 % 1000003 % length + 1
end

local function grow()
  local old = table.buckets
  local buckets = empty_buckets(2 * old.length)
  for i = 1, old.length do
    local entry = old[i]
    while entry do
      local following, place = entry.next, place_of(entry.key, buckets.length)
      entry.next = buckets[place]
      buckets[place] = entry
      entry = following
    end
  end
  table.buckets = buckets
end

local function find(key)
  local entry = table.buckets[place_of(key, table.buckets.length)]
  while entry and entry.key ~= key do entry = entry.next end
  return entry
end

local function insert(key, value)
  if table.count == table.buckets.length then grow() end
  local buckets = table.buckets
  local place = place_of(key, buckets.length)
  buckets[place] = {next = buckets[place], value = value, key = key}
  table.count = table.count + 1
end

local function remove(key)
  local buckets = table.buckets
  local place = place_of(key, buckets.length)
  local entry, before = buckets[place], false
  while entry and entry.key ~= key do
    before = entry
    entry = entry.next
  end
  if not entry then return end
  if before then before.next = entry.next else buckets[place] = entry.next end
  table.count = table.count - 1
end

local function count_up(key)
  local entry = find(key)
  if entry then entry.value = {number = entry.value.number + 1} else insert(key, {number = 1}) end
end

local size = tonumber(arg[1])
for i = 0, size - 1 do
  count_up(random_below(200000))
  if i % 2 == 1 then remove(random_below(200000)) end
end
local sum = 0
for i = 1, table.buckets.length do
  local entry = table.buckets[i]
  while entry do
    sum = (sum + entry.key * entry.value.number) % 1000000007
    entry = entry.next
  end
end
print(string.format("%d changes, %d entries, sum %d", size, table.count, sum))
