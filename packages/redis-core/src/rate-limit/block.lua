-- Blocks identities until a moment; a longer block that is there already stays.
-- KEYS[1...] block of each rule
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] duration (ms)
-- RETURNS the number of blocks that were set or prolonged
-- ATOMIC because the end is computed from the server's time and compared with the one that stands.
local duration = tonumber(ARGV[2])
local prolonged = 0
for _, key in ipairs(KEYS) do
  local standing = redis.call('GET', key)
  if not standing or tonumber(standing) < now_ms + duration then
    redis.call('SET', key, string.format('%.0f', now_ms + duration), 'PX', ARGV[2])
    prolonged = prolonged + 1
  end
end
return prolonged
