-- Frees the lock if the holder has it, and wakes the first in the queue. Asked again it answers the same.
-- KEYS[1] state (the channel of the same name is where waiters listen)
-- KEYS[2] waiters
-- KEYS[3] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took it)
-- RETURNS 1 when this holder freed it, now or by the same call before; else 0
-- ATOMIC because only its own holder may free a lock.
local never, now = '0000000000000', string.format('%013.0f', now_ms)
-- EACH CALL
local state, waiters, queue = KEYS[1], KEYS[2], KEYS[3]
local saved = redis.call('GET', state)
if not saved or string.find(saved, ARGV[2], 60, true) ~= 60 then
  return 0
end
local ends_at = string.sub(saved, 1, 13)
if ends_at == never then
  return 1
end
redis.call('SETRANGE', state, 0, never)
if string.sub(saved, 15, 27) > now then
  redis.call('ZREMRANGEBYSCORE', waiters, '-inf', string.format('%.0f', now_ms))
  local first = redis.call('ZRANGE', queue, 0, 0)[1]
  while first and not redis.call('ZSCORE', waiters, first) do
    redis.call('ZREM', queue, first)
    first = redis.call('ZRANGE', queue, 0, 0)[1]
  end
  redis.call('PUBLISH', state, first or '')
end
return ends_at > now and 1 or 0
