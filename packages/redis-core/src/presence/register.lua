-- Notes a room among those an incarnation has connections in.
-- KEYS[1] process
-- KEYS[2] rooms
-- ARGV[1] now
-- ARGV[2] room
-- ARGV[3] ttl (ms)
-- RETURNS 1, or 0 when the incarnation was swept
-- ATOMIC because whoever sweeps an incarnation must find every room it may still enter.
local process, rooms = KEYS[1], KEYS[2]
local room, ttl = ARGV[2], ARGV[3]
local current = redis.call('GET', process)
if not current or current == 'dead' then
  return 0
end
redis.call('HSET', rooms, room, '1')
redis.call('PEXPIRE', rooms, ttl)
return 1
