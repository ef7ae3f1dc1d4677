-- Frees the locks that the holder has, and tells who waits. Asked again it answers the same.
-- KEYS[...] state (of each lock; the channel of the same name is where its waiters listen)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt that took them)
-- RETURNS 1 when this holder freed them all, now or by the same call before; else 0
-- ATOMIC because only its own holder may free a lock.
local never, now = '0000000000000', string.format('%013.0f', now_ms)
-- EACH CALL
local was_held = 1
for index = 1, #KEYS do
  local key = KEYS[index]
  local saved = redis.call('GET', key)
  if not saved or string.find(saved, ARGV[2], 60, true) ~= 60 then
    was_held = 0
  else
    local ends_at = string.sub(saved, 1, 13)
    if ends_at ~= never then
      if ends_at <= now then
        was_held = 0
      end
      redis.call('SETRANGE', key, 0, never)
      if string.sub(saved, 15, 27) > now then
        redis.call('PUBLISH', key, '')
      end
    end
  end
end
return was_held
