-- Acknowledges for a named consumer, takes or extends its lease, and reads on.
-- KEYS[1] stream
-- KEYS[2] listening
-- KEYS[3] consumer
-- ARGV[1] now
-- ARGV[2] token (of who asks)
-- ARGV[3] lease (ms; 0 gives it up)
-- ARGV[4] acknowledged (id; empty for none)
-- ARGV[5] after (id of the last entry read under this lease; empty for none)
-- ARGV[6] limit (0 reads nothing)
-- ARGV[7] from (id, empty for the oldest, $ for now: where a consumer nobody knows begins)
-- ARGV[8] ttl (ms, of the consumer)
-- ARGV[9] listening_ttl (ms)
-- ARGV[10] ring (PUBLISH or SPUBLISH)
-- ARGV[11] doorbell (channel)
-- ARGV[12] name (of the consumer, as the doorbell tells it)
-- RETURNS {"busy", ms to the end of another's lease} or
--   {"held", cursor, id of the newest entry (if anything is read) or "", id, message, id, message …}
-- ATOMIC because only one holder may read on from the cursor, and the cursor never goes back.
local stream, listening, consumer = KEYS[1], KEYS[2], KEYS[3]
local token, lease, acknowledged, after = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local limit, from, ttl, listening_ttl = tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9]
local ring, doorbell, name = ARGV[10], ARGV[11], ARGV[12]

local function is_later(id, other)
  local ms, number = string.match(id, '^(%d+)%-(%d+)$')
  local other_ms, other_number = string.match(other, '^(%d+)%-(%d+)$')
  if not other_ms or tonumber(ms) ~= tonumber(other_ms) then
    return not other_ms or tonumber(ms) > tonumber(other_ms)
  end
  return tonumber(number) > tonumber(other_number)
end

local known = redis.call('HMGET', consumer, 'cursor', 'holder', 'ends')
local cursor, holder, ends = known[1], known[2], tonumber(known[3] or '0')
local newest = ''
if limit > 0 or not cursor then
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  newest = last and last[1] or ''
end
if not cursor then
  cursor = from
  if newest == '' then
    cursor = (from == '' or from == '$') and '0-0' or from
  elseif from == '$' then
    cursor = newest
  elseif from == '' then
    -- Just before the oldest, so that what is trimmed from now on is missed.
    local ms, number = string.match(redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1][1], '^(%d+)%-(%d+)$')
    cursor = string.format('%s-%.0f', ms, tonumber(number) - 1)
  end
end
-- Whoever says so, what was handled was handled: the cursor only rises.
if acknowledged ~= '' and is_later(acknowledged, cursor) then
  cursor = acknowledged
end
redis.call('HSET', consumer, 'cursor', cursor)
redis.call('PEXPIRE', consumer, ttl)
if holder and holder ~= token and ends > now_ms then
  return { 'busy', string.format('%.0f', ends - now_ms) }
end
if lease == 0 then
  redis.call('HDEL', consumer, 'holder', 'ends')
  redis.call(ring, doorbell, 'free ' .. name)
  return { 'held', cursor, newest }
end
redis.call('HSET', consumer, 'holder', token, 'ends', string.format('%.0f', now_ms + lease))
redis.call('SET', listening, '1', 'PX', listening_ttl)
local answer = { 'held', cursor, newest }
if limit > 0 and newest ~= '' then
  local start = cursor
  if after ~= '' and is_later(after, start) then
    start = after
  end
  local entries = redis.call('XRANGE', stream, '(' .. start, '+', 'COUNT', limit)
  for _, entry in ipairs(entries) do
    answer[#answer + 1] = entry[1]
    answer[#answer + 1] = entry[2][2]
  end
end
return answer
