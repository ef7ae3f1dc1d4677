-- Replaces a session's secret; the old one works for a while longer, the one before it ends.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] lookup (first 32 hex characters of the old digest)
-- ARGV[3] digest (the old secret's, 64 hex characters)
-- ARGV[4] new_lookup (first 32 hex characters of the new digest)
-- ARGV[5] new_digest (64 hex characters)
-- ARGV[6] idle_ms (ms)
-- ARGV[7] grace_ms (ms)
-- RETURNS {now_ms, id, record}, or {now_ms} when the session is not live or was rotated already
-- ATOMIC because of two rotations one must win, and no revocation may be undone.
local user, lookup, digest, new_lookup, new_digest = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local idle_ms, grace_ms = tonumber(ARGV[6]), tonumber(ARGV[7])
local now = string.format('%.0f', now_ms)

local id = lookup
local record = redis.call('HGET', user, lookup)
if not record then
  id = redis.call('HGET', user, 'p' .. lookup)
  record = id and redis.call('HGET', user, id)
end
if not record then
  return { now }
end
local current, previous, previous_until, created, seen, expires, absolute, revision, payload =
  string.match(record, '^s1|(%x+)|([%x-]+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(.*)$')
if not current or now_ms >= tonumber(expires) then
  return { now }
end
if current == new_digest then
  return { now, id, record }
end
if current ~= digest then
  return { now }
end
if previous ~= '-' then
  redis.call('HDEL', user, 'p' .. string.sub(previous, 1, 32))
end
local till = math.max(tonumber(expires), math.min(now_ms + idle_ms, tonumber(absolute)))
record = string.format('s1|%s|%s|%.0f|%s|%.0f|%.0f|%s|%.0f|', new_digest, digest, now_ms + grace_ms,
  created, now_ms, till, absolute, tonumber(revision) + 1) .. payload
redis.call('HSET', user, id, record, 'p' .. new_lookup, id)
if redis.call('PTTL', user) < till - now_ms then
  redis.call('PEXPIRE', user, string.format('%.0f', till - now_ms))
end
return { now, id, record }
