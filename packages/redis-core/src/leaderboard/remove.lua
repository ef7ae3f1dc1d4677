-- Removes a member from a period.
-- KEYS[1] order
-- KEYS[2] places
-- KEYS[3] events
-- KEYS[...] levels where ranks are dense, then metadata where it is kept
-- ARGV[1] now
-- ARGV[2] member
-- ARGV[3] period (its name as JSON)
-- ARGV[4] rank (ordinal, competition or dense)
-- RETURNS 1 when the member was in it, else 0
-- ATOMIC because all keys must lose him together and the version must tell of it.
local order, places, events = KEYS[1], KEYS[2], KEYS[3]
local member, period = ARGV[2], ARGV[3]
local levels = ARGV[4] == 'dense' and KEYS[4]
local metadata = #KEYS > (levels and 4 or 3) and KEYS[#KEYS]
local held = redis.call('HGET', places, member)
if not held then
  return 0
end
local score = string.sub(held, 18)
redis.call('ZREM', order, string.sub(held, 1, 17) .. member)
redis.call('HDEL', places, member)
if metadata then
  redis.call('HDEL', metadata, member)
end
if levels and redis.call('ZCOUNT', order, score, score) == 0 then
  redis.call('ZREMRANGEBYSCORE', levels, score, score)
end
local number, closed = string.match(redis.call('HGET', places, '') or '0', '^(%d+)(!?)')
local version = string.format('%.0f', number + 1)
redis.call('HSET', places, '', version .. closed)
redis.call('PUBLISH', events, '{' .. period .. ':' .. version .. '}')
return 1
