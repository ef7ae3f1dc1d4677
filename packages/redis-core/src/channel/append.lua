-- Adds a message to a stream, trims it, and rings the doorbell if somebody listens.
-- KEYS[1] stream
-- KEYS[2] listening
-- KEYS[3] operation
-- ARGV[1] now
-- ARGV[2] message (encoded)
-- ARGV[3] retain (entries)
-- ARGV[4] ttl (ms)
-- ARGV[5] operation_ttl (ms; 0 when no operation id was given)
-- ARGV[6] ring (PUBLISH or SPUBLISH)
-- ARGV[7] doorbell (channel)
-- RETURNS the entry's id, <ms>-<number>
-- ATOMIC because the number must follow the last entry's, by which a reader sees what it missed, and a repeated
--   operation must find the first one's entry.
-- EACH CALL
local stream, listening, operation = KEYS[1], KEYS[2], KEYS[3]
local message, retain, ttl, operation_ttl, ring, doorbell = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if operation_ttl ~= '0' then
  local done = redis.call('GET', operation)
  if done then
    return done
  end
end
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
-- A stream that was lost begins at a number no earlier one can have reached, and that shows it is the first.
local ms, number = now_ms, now_ms * 1000
if last then
  local last_ms, last_number = string.match(last[1], '^(%d+)%-(%d+)$')
  ms, number = math.max(now_ms, tonumber(last_ms)), tonumber(last_number) + 1
end
local id = string.format('%.0f-%.0f', ms, number)
redis.call('XADD', stream, 'MAXLEN', '=', retain, id, 'm', message)
redis.call('XTRIM', stream, 'MINID', '=', string.format('%.0f', now_ms - ttl))
redis.call('PEXPIRE', stream, ttl)
if operation_ttl ~= '0' then
  redis.call('SET', operation, id, 'PX', operation_ttl)
end
if redis.call('EXISTS', listening) == 1 then
  redis.call(ring, doorbell, id .. ' ' .. message)
end
return id
