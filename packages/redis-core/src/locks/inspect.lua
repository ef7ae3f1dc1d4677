-- Reads who holds the locks, until when, and whether somebody waits.
-- KEYS[...] state (of each lock)
-- ARGV[1] now (ms, or '' for the server's time)
-- RETURNS {now (ms); for each lock {holder, or '' when free; last fencing token as text; end (ms); 1 when waited for}}
-- ATOMIC because the time must be that of the reading.
local answer = { now_ms }
for index = 1, #KEYS do
  local holder, token, ends_at, waited_until =
    string.match(redis.call('GET', KEYS[index]) or '- 0 0 0', '^(%S+) (%d+) (%d+) (%d+)')
  local is_held = tonumber(ends_at) > now_ms
  local is_waited_for = tonumber(waited_until) > now_ms
  answer[index + 1] = { is_held and holder or '', token, tonumber(ends_at), is_waited_for and 1 or 0 }
end
return answer
