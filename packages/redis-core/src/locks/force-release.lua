-- Frees the locks whoever holds them, and tells who waits.
-- KEYS[...] state (of each lock; the channel of the same name is where its waiters listen)
-- ARGV[1] now (ms, or '' for the server's time)
-- RETURNS the number of locks that were held
-- ATOMIC because the fencing token must stay: the next grant has a higher one.
local kept_ms = '2592000000'
local freed = 0
for index = 1, #KEYS do
  local key = KEYS[index]
  local token, ends_at, waited_until = string.match(redis.call('GET', key) or '', '^%S+ (%d+) (%d+) (%d+)')
  if token and tonumber(ends_at) > now_ms then
    freed = freed + 1
    redis.call('SET', key, '- ' .. token .. ' 0 ' .. waited_until .. ' ', 'PX', kept_ms)
    if tonumber(waited_until) > now_ms then
      redis.call('PUBLISH', key, '')
    end
  end
end
return freed
