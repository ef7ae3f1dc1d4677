-- Takes the lock when it is free and nobody came before, else joins the queue. Asked again, the holder gets the same.
-- KEYS[1] state (in fixed columns, as locks/acquire writes it)
-- KEYS[2] waiters
-- KEYS[3] queue
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiter (random name of who will wait; '' when nobody will)
-- ARGV[6] waiting (ms, for how long at most)
-- RETURNS the fencing token; or, when busy, the ms until it is worth looking again as a negative number or 0
-- ATOMIC because the order of the queue decides who takes it, and tokens must rise with the grants.
local kept_ms, never = '2592000000', '0000000000000'
local now = string.format('%013.0f', now_ms)
local nothing = never .. ' ' .. never .. ' 0000000000000000 ' .. never .. ' -'
-- Who waits looks again every second at most; a place not looked after for three is a dead one's.
local place_kept_ms = 3000

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

local function first_in(queue, waiters)
  redis.call('ZREMRANGEBYSCORE', waiters, '-inf', string.format('%.0f', now_ms))
  for _, first in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
    local place_ends_at = redis.call('ZSCORE', waiters, first)
    if place_ends_at then
      return first, place_ends_at
    end
    redis.call('ZREM', queue, first)
  end
end

-- EACH CALL
local state, waiters, queue = KEYS[1], KEYS[2], KEYS[3]
local holder, waiter, waiting = ARGV[2], ARGV[5], tonumber(ARGV[6])
local saved = redis.call('GET', state) or nothing
local ends_at, waited_until, saved_token = string.sub(saved, 1, 13), string.sub(saved, 15, 27), string.sub(saved, 29, 44)
local is_own = string.find(saved, holder, 60, true)
if is_own then
  return is_own == 60 and ends_at > now and tonumber(saved_token) or 0
end

local first, place_ends_at
if waited_until > now then
  first, place_ends_at = first_in(queue, waiters)
end
if ends_at > now or (first and first ~= waiter) then
  if waiter ~= '' then
    local place_ms = math.min(waiting, place_kept_ms)
    redis.call('ZADD', waiters, string.format('%.0f', now_ms + place_ms), waiter)
    if not redis.call('ZSCORE', queue, waiter) then
      local newest = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2] or '0'
      redis.call('ZADD', queue, string.format('%.0f', newest + 1), waiter)
    end
    keep(waiters, place_ms)
    keep(queue, place_ms)
    local until_ms = string.format('%013.0f', now_ms + place_ms)
    if until_ms > waited_until then
      redis.call('SETRANGE', state, 14, until_ms)
    end
  end
  return now_ms - (ends_at > now and ends_at or place_ends_at)
end

local token = string.format('%016.0f', math.max(saved_token + 1, now_us, tonumber(ARGV[4])))
local given_up_until = string.sub(saved, 46, 58)
local given_up = given_up_until > now and string.match(saved, '%S+(.*)', 60) or ''
redis.call('SET', state, string.format('%013.0f', now_ms + ARGV[3]) .. ' ' .. waited_until .. ' ' .. token .. ' '
  .. given_up_until .. ' ' .. holder .. given_up, 'PX', kept_ms)
if first then
  redis.call('ZREM', waiters, waiter)
  redis.call('ZREM', queue, waiter)
end
return tonumber(token)
