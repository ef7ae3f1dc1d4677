-- Frees the lock if the holder has it, and wakes the first in the queue. Asked again it answers the same.
-- KEYS[1] state (the channel of the same name is where waiters listen)
-- KEYS[2] waiters
-- KEYS[3] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took it)
-- RETURNS 1 when this holder freed it, now or by the same call before; else 0
-- ATOMIC because only its own holder may free a lock.
local kept_ms = '2592000000'
local layout = '^(%S+) (%d+) (%d+) (%d+) ?(.*)$'
-- EACH CALL
local state, waiters, queue = KEYS[1], KEYS[2], KEYS[3]
local holder, token, ends_at, waited_until, given_up = string.match(redis.call('GET', state) or '', layout)
if holder ~= ARGV[2] then
  return 0
end
if ends_at == '0' then
  return 1
end
redis.call('SET', state, holder .. ' ' .. token .. ' 0 ' .. waited_until .. ' ' .. given_up, 'PX', kept_ms)
if tonumber(waited_until) > now_ms then
  redis.call('ZREMRANGEBYSCORE', waiters, '-inf', string.format('%.0f', now_ms))
  local first = redis.call('ZRANGE', queue, 0, 0)[1]
  while first and not redis.call('ZSCORE', waiters, first) do
    redis.call('ZREM', queue, first)
    first = redis.call('ZRANGE', queue, 0, 0)[1]
  end
  redis.call('PUBLISH', state, first or '')
end
return tonumber(ends_at) > now_ms and 1 or 0
