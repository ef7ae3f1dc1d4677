-- Reads who holds the locks, until when, and whether somebody waits.
-- KEYS[...] state (of each lock)
-- ARGV[1] now (ms, or '' for the server's time)
-- RETURNS {now (ms); for each lock {holder, or '' when free; last fencing token; end (ms); 1 when waited for}}
-- ATOMIC because the time must be that of the reading.
local now, answer = string.format('%013.0f', now_ms), { now_ms }
for index = 1, #KEYS do
  local saved = redis.call('GET', KEYS[index]) or ''
  local ends_at = string.sub(saved, 1, 13)
  local holder = ends_at > now and string.match(saved, '%S+', 60) or ''
  local token = tonumber(string.sub(saved, 29, 44)) or 0
  answer[index + 1] = { holder, token, tonumber(ends_at) or 0, string.sub(saved, 15, 27) > now and 1 or 0 }
end
return answer
