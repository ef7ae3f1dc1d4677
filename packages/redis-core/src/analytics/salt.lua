-- Gives the salt of a period, made by whoever asks first.
-- KEYS[1] salt
-- ARGV[1] now
-- ARGV[2] index (of the period, in periods since 1970)
-- ARGV[3] period (ms)
-- ARGV[4] candidate (random, hexadecimal)
-- RETURNS {"ok", salt, now} or {"clock", now} when the period is not that of now
-- ATOMIC because all processes must agree on one salt, and it must never be there without its end.
local salt, index, period, candidate = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local now = string.format('%.0f', now_ms)
if math.floor(now_ms / period) ~= index then
  return { 'clock', now }
end
redis.call('SET', salt, candidate, 'NX', 'PX', string.format('%.0f', (index + 1) * period - now_ms))
return { 'ok', redis.call('GET', salt), now }
