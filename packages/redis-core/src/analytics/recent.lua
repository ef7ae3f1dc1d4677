-- Counts the visitors of the slices that reach five minutes back.
-- KEYS[...] the slices
-- ARGV[1] now
-- ARGV[2] slice (the newest, in 30-second slices since 1970)
-- RETURNS {"ok", distinct visitors} or {"clock", now} when the newest slice is not that of now
-- ATOMIC because the clock and the slices it names must fit.
if math.floor(now_ms / 30000) ~= tonumber(ARGV[2]) then
  return { 'clock', string.format('%.0f', now_ms) }
end
return { 'ok', redis.call('PFCOUNT', unpack(KEYS)) }
