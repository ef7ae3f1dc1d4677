-- Gives a lease back if the holder has it, and wakes waiters if there are any. Asked again it answers the same.
-- KEYS[1] holders
-- KEYS[2] past
-- KEYS[3] waiters
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took it)
-- ARGV[3] channel (where waiters listen)
-- ARGV[4] why ('done', or 'give-up' of an attempt that may arrive late and must not take anything then)
-- RETURNS 1 when this holder gave it back, now or by the same call before; else 0
-- ATOMIC because what is free and what was given back must change together.
local past_kept_ms = { done = 10000, ['give-up'] = 60000 }

local function note(past, holder, why)
  local kept_ms = past_kept_ms[why]
  redis.call('ZREMRANGEBYSCORE', past, '-inf', string.format('%.0f', now_ms))
  redis.call('ZADD', past, string.format('%.0f', now_ms + kept_ms), holder)
  if redis.call('PTTL', past) < kept_ms then
    redis.call('PEXPIRE', past, kept_ms)
  end
end

-- EACH CALL
local holders, past, waiters, holder, channel = KEYS[1], KEYS[2], KEYS[3], ARGV[2], ARGV[3]
local now = string.format('%.0f', now_ms)
local ends_at = redis.call('ZSCORE', holders, holder)
if not ends_at then
  if ARGV[4] == 'give-up' then
    note(past, holder, 'give-up')
    return 0
  end
  local kept_until = redis.call('ZSCORE', past, holder)
  return kept_until and tonumber(kept_until) > now_ms and 1 or 0
end
redis.call('ZREM', holders, holder)
local was_held = tonumber(ends_at) > now_ms
if was_held then
  note(past, holder, ARGV[4])
end
redis.call('ZREMRANGEBYSCORE', waiters, '-inf', now)
if redis.call('EXISTS', waiters) == 1 then
  redis.call('PUBLISH', channel, '')
end
return was_held and 1 or 0
