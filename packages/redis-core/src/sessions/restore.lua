-- Puts a session back that the record still has, unless anything of the user was revoked since the ticket.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] ticket (as given by verify, before the record was read)
-- ARGV[3] id (32 hex characters)
-- ARGV[4] pointer (first 32 hex characters of the current digest; the id itself where it was never rotated)
-- ARGV[5] expires_at_ms (ms)
-- ARGV[6] record (text)
-- RETURNS 1 if the session is there now, 0 if the ticket is void or the session has ended
-- ATOMIC because a revocation between the check and the write would be undone.
-- EACH CALL
local user, ticket, id, pointer = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local expires, record = tonumber(ARGV[5]), ARGV[6]
local held, till = string.match(redis.call('HGET', user, 't') or '', '^(%S+) (%d+)$')
if held ~= ticket or now_ms >= tonumber(till) or now_ms >= expires then
  return 0
end
if redis.call('HSETNX', user, id, record) == 1 and pointer ~= id then
  redis.call('HSET', user, pointer, 'p' .. id)
end
if redis.call('PTTL', user) < expires - now_ms then
  redis.call('PEXPIRE', user, string.format('%.0f', expires - now_ms))
end
return 1
