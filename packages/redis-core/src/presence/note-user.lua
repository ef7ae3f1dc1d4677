-- Notes that a user joined or left a room, in the list of his rooms.
-- KEYS[1] rooms
-- KEYS[2] seen
-- ARGV[1] now
-- ARGV[2] room
-- ARGV[3] version (the room's, of the join or leave)
-- ARGV[4] joined (1 or 0)
-- ARGV[5] ttl (ms)
-- ARGV[6] seen_ttl (ms)
-- RETURNS 1
-- ATOMIC because a note that comes late must not undo a later one.
-- EACH CALL
local rooms, seen = KEYS[1], KEYS[2]
local room, version, joined, ttl, seen_ttl = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local noted = redis.call('HGET', rooms, room)
local newer = not noted or tonumber(noted) < tonumber(version)
if joined == '1' then
  if newer then
    redis.call('HSET', rooms, room, version)
  end
  redis.call('PEXPIRE', rooms, ttl)
else
  if noted and newer then
    redis.call('HDEL', rooms, room)
  end
  redis.call('SET', seen, string.format('%.0f', now_ms), 'PX', seen_ttl)
end
return 1
