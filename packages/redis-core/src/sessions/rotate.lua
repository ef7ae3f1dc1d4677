-- Replaces a session's secret; the old one works for a while longer, the one before it ends.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] digest (the old secret's, 64 hex characters)
-- ARGV[3] new_digest (64 hex characters)
-- ARGV[4] touch_every_ms (ms between two notes of use)
-- ARGV[5] idle_ms (ms)
-- ARGV[6] grace_ms (ms)
-- RETURNS {id, record}, or {} when the session is not live or was rotated already
-- ATOMIC because of two rotations one must win, and no revocation may be undone.
local sub, number = string.sub, tonumber
local user, digest, new_digest = KEYS[1], ARGV[2], ARGV[3]
local touch_every_ms, idle_ms, grace_ms = number(ARGV[4]), number(ARGV[5]), number(ARGV[6])

local id = sub(digest, 1, 32)
local record = redis.call('HGET', user, id)
if record and sub(record, 1, 1) == 'p' then
  id = sub(record, 2)
  record = redis.call('HGET', user, id)
end
if not record or sub(record, 1, 2) ~= 's2' then
  return {}
end
local expires, absolute = number(sub(record, 49, 62)), number(sub(record, 91, 104))
local revision, previous, payload_at = string.match(record, '^|(%d+)|([%x-]+)|%d+|()', 105)
if not (expires and absolute and revision) or now_ms >= expires then
  return {}
end
local current = sub(record, 3, 34)
if current == sub(new_digest, 33) then
  return { id, record }
end
if current ~= sub(digest, 33) then
  return {}
end
local forgotten = sub(previous, 1, 32)
if previous ~= '-' and forgotten ~= id then
  redis.call('HDEL', user, forgotten)
end
local till = math.max(expires, math.min(now_ms + idle_ms, absolute))
local times = string.format('%014.0f%014.0f%014.0f', math.min(now_ms + touch_every_ms, till), till, now_ms)
record = 's2' .. sub(new_digest, 33) .. times .. sub(record, 77, 104)
  .. string.format('|%.0f|%s|%.0f|', revision + 1, digest, now_ms + grace_ms) .. sub(record, payload_at)
redis.call('HSET', user, id, record, sub(new_digest, 1, 32), 'p' .. id)
if redis.call('PTTL', user) < till - now_ms then
  redis.call('PEXPIRE', user, string.format('%.0f', till - now_ms))
end
return { id, record }
