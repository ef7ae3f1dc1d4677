-- Reads who holds, each until when, and whether somebody waits.
-- KEYS[1] holders
-- KEYS[2] fence
-- KEYS[3] waiters
-- ARGV[1] now (ms, or '' for the server's time)
-- RETURNS {now (ms), last token as text, 1 when waited for, then each holder and the end of its lease (ms, as text)}
-- ATOMIC because the time must be that of the reading.
local after_now = '(' .. string.format('%.0f', now_ms)
local is_waited_for = redis.call('ZCOUNT', KEYS[3], after_now, '+inf') > 0
local answer = { now_ms, redis.call('GET', KEYS[2]) or '0', is_waited_for and 1 or 0 }
for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], after_now, '+inf', 'WITHSCORES')) do
  answer[#answer + 1] = each
end
return answer
