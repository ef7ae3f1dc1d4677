-- Ends the leases of all holders, and wakes waiters if there are any.
-- KEYS[1] holders
-- KEYS[2] waiters
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] channel (where waiters listen)
-- RETURNS the number of leases that were ended
-- ATOMIC because who looks must see all of them or none.
local now = string.format('%.0f', now_ms)
local held = redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf')
redis.call('DEL', KEYS[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if held > 0 and redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PUBLISH', ARGV[2], '')
end
return held
