-- Reads the counts of items, those whose time is over as 0.
-- KEYS[1] values
-- KEYS[2] touched
-- ARGV[1] now
-- ARGV[2] forget (ms after which an item that was not counted is gone)
-- ARGV[...] items
-- RETURNS the counts as text, in the order of the items
-- ATOMIC because counts and times must be of one moment.
local values, touched, over = KEYS[1], KEYS[2], now_ms - tonumber(ARGV[2])
local counts = {}
for i = 3, #ARGV do
  local time = redis.call('ZSCORE', touched, ARGV[i])
  counts[#counts + 1] = time and tonumber(time) > over and redis.call('ZSCORE', values, ARGV[i]) or '0'
end
return counts
