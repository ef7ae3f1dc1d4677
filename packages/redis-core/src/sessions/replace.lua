-- Replaces a session's data and device if nobody has replaced them since they were read.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] id (32 hex characters)
-- ARGV[3] revision (number, as read)
-- ARGV[4] payload (encoded data and device)
-- RETURNS the record; 'conflict' when another update came first; '' when it is not live
-- ATOMIC because two updates would each overwrite the other, and one could bring back what was revoked.
local user, id, wanted = KEYS[1], ARGV[2], ARGV[3]
local record = redis.call('HGET', user, id)
local expires = record and string.sub(record, 1, 2) == 's2' and tonumber(string.sub(record, 49, 62))
if not expires or now_ms >= expires then
  return ''
end
local revision, secret_before = string.match(record, '^|(%d+)(|[%x-]+|%d+|)', 105)
if revision ~= wanted then
  return 'conflict'
end
record = string.sub(record, 1, 105) .. string.format('%.0f', revision + 1) .. secret_before .. ARGV[4]
redis.call('HSET', user, id, record)
return record
