local function append(list, rest)
  if not list then return rest end
  return {row = list.row, next = append(list.next, rest)}
end

local function is_safe(row, taken)
  local distance = 1
  while taken do
    if taken.row == row or taken.row == row + distance or taken.row == row - distance then return false end
    taken = taken.next
    distance = distance + 1
  end
  return true
end

local function count_solutions(untried, tried, taken)
  if not untried then return tried and 0 or 1 end
  local count = 0
  if is_safe(untried.row, taken) then
    count = count_solutions(append(untried.next, tried), false, {row = untried.row, next = taken})
  end
  return count + count_solutions(untried.next, {row = untried.row, next = tried}, taken)
end

local size = tonumber(arg[1])
local rows = false
for row = size, 1, -1 do rows = {row = row, next = rows} end
print(string.format("%d queens: %d solutions", size, count_solutions(rows, false, false)))
