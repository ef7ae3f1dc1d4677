-- Frees the locks whoever holds them, and tells who waits.
-- KEYS[...] state (of each lock; the channel of the same name is where its waiters listen)
-- ARGV[1] now (ms, or '' for the server's time)
-- RETURNS the number of locks that were held
-- ATOMIC because the fencing token must stay: the next grant has a higher one.
local kept_ms, never, now = '2592000000', '0000000000000', string.format('%013.0f', now_ms)
local freed = 0
for index = 1, #KEYS do
  local key = KEYS[index]
  local saved = redis.call('GET', key)
  if saved and string.sub(saved, 1, 13) > now then
    freed = freed + 1
    local others = string.sub(saved, 14, 59) .. '-' .. string.match(saved, '%S+(.*)', 60)
    redis.call('SET', key, never .. others, 'PX', kept_ms)
    if string.sub(saved, 15, 27) > now then
      redis.call('PUBLISH', key, '')
    end
  end
end
return freed
