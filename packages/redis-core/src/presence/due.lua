-- Lists the incarnations whose leases are over.
-- KEYS[1] processes
-- ARGV[1] now
-- RETURNS them, at most 16
-- ATOMIC because it asks the server's clock.
local processes = KEYS[1]
return redis.call('ZRANGEBYSCORE', processes, '-inf', string.format('%.0f', now_ms), 'LIMIT', 0, 16)
