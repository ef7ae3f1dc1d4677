-- Frees the lock if the holder has it, and wakes waiters if there are any. Asked again it answers the same.
-- KEYS[1] lease
-- KEYS[2] waiters
-- KEYS[3] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took it)
-- ARGV[3] channel (where waiters listen)
-- RETURNS 1 when this holder freed it, now or by the same call before; else 0
-- ATOMIC because only its own holder may free a lock.
local lease, waiters, queue, holder, channel = KEYS[1], KEYS[2], KEYS[3], ARGV[2], ARGV[3]
local released_kept_ms = 10000
local saved_holder, token, ends_at = string.match(redis.call('GET', lease) or '', '^(%S+) (%d+) (%d+)$')
if saved_holder ~= holder then
  return 0
end
if ends_at == '0' then
  return 1
end
local was_held = tonumber(ends_at) > now_ms
redis.call('SET', lease, holder .. ' ' .. token .. ' 0', 'PX', released_kept_ms)
redis.call('ZREMRANGEBYSCORE', waiters, '-inf', string.format('%.0f', now_ms))
if redis.call('EXISTS', waiters) == 1 then
  local first = redis.call('ZRANGE', queue, 0, 0)[1]
  while first and not redis.call('ZSCORE', waiters, first) do
    redis.call('ZREM', queue, first)
    first = redis.call('ZRANGE', queue, 0, 0)[1]
  end
  redis.call('PUBLISH', channel, first or '')
end
return was_held and 1 or 0
