-- Finds the labels with the most views on some days together.
-- KEYS[...] per day: its figures, its list, its missed
-- ARGV[1] now (unused)
-- ARGV[2] n
-- RETURNS all views, then the n labels highest first: label, views, views it may have had beyond these
-- ATOMIC because the labels and the views of all must be of one moment.
local n = tonumber(ARGV[2])
local total, days = 0, #KEYS / 3
local exact, missed = { 'ZUNION', days * 2 }, { 'ZUNION', days }
local weights = { 'WEIGHTS' }
for k = 1, #KEYS, 3 do
  total = total + (tonumber(redis.call('HGET', KEYS[k], 'views') or 0))
  exact[#exact + 1], exact[#exact + 2] = KEYS[k + 1], KEYS[k + 2]
  weights[#weights + 1], weights[#weights + 2] = 1, -1
  missed[#missed + 1] = KEYS[k + 2]
end
for w = 1, #weights do
  exact[#exact + 1] = weights[w]
end
exact[#exact + 1], missed[#missed + 1] = 'WITHSCORES', 'WITHSCORES'

local may_miss = {}
local missing = redis.call(unpack(missed))
for i = 1, #missing, 2 do
  may_miss[missing[i]] = missing[i + 1]
end
local reply = { string.format('%.0f', total) }
local listed = redis.call(unpack(exact))
for i = #listed - 1, math.max(1, #listed - n * 2 + 1), -2 do
  reply[#reply + 1] = listed[i]
  reply[#reply + 1] = listed[i + 1]
  reply[#reply + 1] = may_miss[listed[i]] or '0'
end
return reply
