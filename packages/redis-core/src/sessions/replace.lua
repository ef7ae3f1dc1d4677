-- Replaces a session's data if nobody has replaced it since it was read.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] id (32 hex characters)
-- ARGV[3] revision (number, as read)
-- ARGV[4] payload (encoded data and device)
-- RETURNS {now_ms, record}; {now_ms, 'conflict'} when another update came first; {now_ms} when it is not live
-- ATOMIC because two updates would each overwrite the other, and one could bring back what was revoked.
local user, id, wanted, replacement = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local now = string.format('%.0f', now_ms)
local record = redis.call('HGET', user, id)
if not record then
  return { now }
end
local head, expires, absolute, revision =
  string.match(record, '^(s1|%x+|[%x-]+|%d+|%d+|%d+|)(%d+)|(%d+)|(%d+)|')
if not head or now_ms >= tonumber(expires) then
  return { now }
end
if revision ~= wanted then
  return { now, 'conflict' }
end
record = head .. string.format('%s|%s|%.0f|', expires, absolute, revision + 1) .. replacement
redis.call('HSET', user, id, record)
return { now, record }
