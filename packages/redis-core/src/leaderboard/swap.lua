-- Puts the staging copy of a period in the place of the period.
-- KEYS[1] events
-- KEYS[...] staged order and places, and levels and metadata where the board has them; then those of the period
-- ARGV[1] now
-- ARGV[2] count (entries staged; 0 empties the period)
-- ARGV[3] expiry (ms, 0 for none)
-- ARGV[4] period (its name as JSON)
-- RETURNS 1, or 0 when the staging copy is gone and nothing was changed
-- ATOMIC because readers must see the old board or the new one, and later submits must get higher sequences.
local events = KEYS[1]
local count, expiry, period = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local parts = (#KEYS - 1) / 2
local staged_order, places = KEYS[2], KEYS[parts + 3]
if redis.call('ZCARD', staged_order) ~= count then
  return 0
end
local number, closed = string.match(redis.call('HGET', places, '') or '0', '^(%d+)(!?)')
local version = string.format('%.0f', math.max(tonumber(number), count) + 1)
for i = 2, parts + 1 do
  local staged, standing = KEYS[i], KEYS[i + parts]
  redis.call('DEL', standing)
  if redis.call('EXISTS', staged) == 1 then
    redis.call('RENAME', staged, standing)
    redis.call('PERSIST', standing)
  end
end
redis.call('HSET', places, '', version .. closed)
if expiry > 0 then
  for i = parts + 2, #KEYS do
    redis.call('PEXPIRE', KEYS[i], string.format('%.0f', expiry - now_ms))
  end
end
redis.call('PUBLISH', events, '{' .. period .. ':' .. version .. '}')
return 1
