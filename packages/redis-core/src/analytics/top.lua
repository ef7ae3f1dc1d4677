-- Finds the labels with the most views on some days together.
-- KEYS[...] per day: its figures, its list, its missed
-- ARGV[1] now (unused)
-- ARGV[2] n
-- RETURNS all views, then the n labels highest first: label, views, views it may have had beyond these
-- ATOMIC because the labels and the views of all must be of one moment.
local n, unit = tonumber(ARGV[2]), 67108864
local total, days = 0, #KEYS / 3
local lists, missed = { 'ZUNION', days }, { 'ZUNION', days }
for k = 1, #KEYS, 3 do
  total = total + (tonumber(redis.call('HGET', KEYS[k], 'views') or 0))
  lists[#lists + 1], missed[#missed + 1] = KEYS[k + 1], KEYS[k + 2]
end
lists[#lists + 1], missed[#missed + 1] = 'WITHSCORES', 'WITHSCORES'

local listed, missing = redis.call(unpack(lists)), redis.call(unpack(missed))
local not_counted = {}
for i = 1, #missing, 2 do
  not_counted[missing[i]] = tonumber(missing[i + 1])
end
-- The list is in order but for those labels that missed something: they go behind their place.
local best, exact = {}, 0
for i = #listed - 1, 1, -2 do
  local label, views = listed[i], tonumber(listed[i + 1])
  local gone = not_counted[label]
  if gone then
    local before = math.floor(gone / unit)
    best[#best + 1] = { label, views - before, before + gone % unit }
  elseif exact < n then
    exact = exact + 1
    best[#best + 1] = { label, views, 0 }
  end
end
table.sort(best, function(a, b)
  if a[2] == b[2] then
    return a[1] < b[1]
  end
  return a[2] > b[2]
end)
local reply = { string.format('%.0f', total) }
for i = 1, math.min(n, #best) do
  reply[#reply + 1] = best[i][1]
  reply[#reply + 1] = string.format('%.0f', best[i][2])
  reply[#reply + 1] = string.format('%.0f', best[i][3])
end
return reply
