local seed = 42

local function random_below(bound)
  seed = seed * 16807 % 2147483647
  return seed % bound
end

local function checksum(sum, value)
  return (sum * 31 + value) % 1000000007
end

local syllables = {[0] = "ba", "con", "de", "er", "for", "gra", "in", "ly", "men", "ness", "pre", "tion"}

local function word(number)
  local text = syllables[number % 12]
  number = math.floor(number / 12)
  while number > 0 do
    text = text .. syllables[number % 12]
    number = math.floor(number / 12)
  end
  return text
end

local function random_line()
  local line = ""
  for _ = 1, 12 do
    local following = word(random_below(20000))
    local longer = line .. " "
    line = longer .. following
  end
  return line
end

local function sum_of(line)
  local sum = 0
  for i = 1, #line do sum = checksum(sum, line:byte(i)) end
  return sum
end

local size = tonumber(arg[1])
local lines, letters, sum = {}, 0, 0
for i = 0, size - 1 do
  local line = random_line()
  letters = letters + #line
  lines[i % 4000 + 1] = line
end
for i = 1, 4000 do
  if lines[i] then sum = checksum(sum, sum_of(lines[i])) end
end
print(string.format("%d lines, %d letters, checksum %d", size, letters, sum))
