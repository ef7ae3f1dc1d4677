-- Moves the end of a lease that its holder still has; an ended one is never revived.
-- KEYS[1] lease
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took it)
-- ARGV[3] duration (ms, from now)
-- RETURNS the fencing token as text, or '' when the lease is not the holder's any more
-- ATOMIC because a lease that ends between looking and writing may be somebody else's.
local lease, holder, duration = KEYS[1], ARGV[2], tonumber(ARGV[3])
local saved_holder, token, ends_at = string.match(redis.call('GET', lease) or '', '^(%S+) (%d+) (%d+)$')
if saved_holder ~= holder or tonumber(ends_at) <= now_ms then
  return ''
end
redis.call('SET', lease, string.format('%s %s %.0f', holder, token, now_ms + duration), 'PX', ARGV[3])
return token
