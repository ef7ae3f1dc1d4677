-- Removes a member from a period.
-- KEYS[1] scores
-- KEYS[2] members
-- KEYS[3] version
-- KEYS[4] events
-- ARGV[1] now
-- ARGV[2] member
-- ARGV[3] period
-- RETURNS 1 when the member was in it, else 0
-- ATOMIC because the two keys must lose him together and the version must tell of it.
local scores, members, version, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local member, period = ARGV[2], ARGV[3]
local place = redis.call('HGET', members, member)
if not place then
  return 0
end
redis.call('ZREM', scores, place)
redis.call('HDEL', members, member)
redis.call('PUBLISH', events, cjson.encode({ [period] = redis.call('INCR', version) }))
return 1
