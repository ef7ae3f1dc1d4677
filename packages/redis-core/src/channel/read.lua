-- Reads a stream on from an entry, and notes that somebody listens.
-- KEYS[1] stream
-- KEYS[2] listening
-- ARGV[1] now
-- ARGV[2] after (id; empty for the oldest, $ for none)
-- ARGV[3] limit
-- ARGV[4] listening_ttl (ms; 0: nobody listens)
-- RETURNS {id of the newest entry or "", id, message, id, message …}
-- ATOMIC because what is published after this read must ring.
-- EACH CALL
local stream, listening = KEYS[1], KEYS[2]
local after, limit, listening_ttl = ARGV[2], ARGV[3], ARGV[4]
if listening_ttl ~= '0' then
  redis.call('SET', listening, '1', 'PX', listening_ttl)
end
local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
local answer = { newest and newest[1] or '' }
if newest and after ~= '$' then
  local from = after == '' and '-' or '(' .. after
  for _, entry in ipairs(redis.call('XRANGE', stream, from, '+', 'COUNT', limit)) do
    answer[#answer + 1] = entry[1]
    answer[#answer + 1] = entry[2][2]
  end
end
return answer
