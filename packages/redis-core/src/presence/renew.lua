-- Extends the lease of an incarnation, or says that it is over.
-- KEYS[1] process
-- KEYS[2] rooms
-- ARGV[1] now
-- ARGV[2] lease (ms)
-- ARGV[3] first (1 to begin a lease, 0 to extend one)
-- ARGV[4] ttl (ms)
-- RETURNS the end of the lease, or "" when the incarnation was swept or Redis no longer knows it
-- ATOMIC because a sweeper must find the lease either alive or take it for good.
local process, rooms = KEYS[1], KEYS[2]
local lease, first, ttl = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local current = redis.call('GET', process)
if current == 'dead' or (not current and first == '0') then
  return ''
end
local ends = string.format('%.0f', now_ms + lease)
redis.call('SET', process, ends, 'PX', ttl)
redis.call('PEXPIRE', rooms, ttl)
return ends
