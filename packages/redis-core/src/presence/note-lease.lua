-- Notes the end of an incarnation's lease and lists those whose leases are over.
-- KEYS[1] processes
-- ARGV[1] now
-- ARGV[2] incarnation
-- ARGV[3] ends (ms)
-- ARGV[4] ttl (ms)
-- RETURNS the incarnations that look dead, at most 16
-- ATOMIC because the list must never be without a TTL.
local processes = KEYS[1]
local incarnation, ends, ttl = ARGV[2], ARGV[3], ARGV[4]
redis.call('ZADD', processes, ends, incarnation)
redis.call('PEXPIRE', processes, ttl)
return redis.call('ZRANGEBYSCORE', processes, '-inf', string.format('%.0f', now_ms), 'LIMIT', 0, 16)
