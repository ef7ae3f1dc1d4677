-- Ends the lease of an incarnation for good, by its own wish.
-- KEYS[1] process
-- KEYS[2] rooms
-- ARGV[1] now
-- ARGV[2] tombstone_ttl (ms)
-- RETURNS the server's time (ms)
-- ATOMIC because no room may be registered after it.
local process, rooms = KEYS[1], KEYS[2]
local tombstone_ttl = ARGV[2]
redis.call('SET', process, 'dead', 'PX', tombstone_ttl)
redis.call('PEXPIRE', rooms, tombstone_ttl)
return string.format('%.0f', now_ms)
