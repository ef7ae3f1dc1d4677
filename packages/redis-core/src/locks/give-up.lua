-- Frees what an attempt took whose caller does not know of it; if it took nothing yet, it never will.
-- KEYS[...] state (of each lock; the channel of the same name is where its waiters listen)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt)
-- RETURNS the number of locks that were freed
-- ATOMIC because the attempt may arrive at the same time, from a connection that was thought dead.
local kept_ms, remembered_ms, most_remembered = '2592000000', 60000, 32
local never, now = '0000000000000', string.format('%013.0f', now_ms)
local nothing = never .. ' ' .. never .. ' 0000000000000000 ' .. never .. ' -'

-- Behind the holder: each attempt given up, the last ones only, until a minute after the last.
local function remember(saved, holder)
  local holders = {}
  for each in string.gmatch(string.sub(saved, 60), '%S+') do
    holders[#holders + 1] = each
  end
  holders[#holders + 1] = holder
  local first = math.max(2, #holders - most_remembered + 1)
  local until_ms = string.format('%013.0f', now_ms + remembered_ms)
  return string.sub(saved, 1, 45) .. until_ms .. ' ' .. holders[1] .. ' ' .. table.concat(holders, ' ', first)
end

local freed = 0
for index = 1, #KEYS do
  local key = KEYS[index]
  local saved = redis.call('GET', key)
  if not saved then
    redis.call('SET', key, remember(nothing, ARGV[2]), 'PX', remembered_ms)
  elseif string.find(saved, ARGV[2], 60, true) ~= 60 then
    redis.call('SET', key, remember(saved, ARGV[2]), 'PX', kept_ms)
  elseif string.sub(saved, 1, 13) ~= never then
    freed = freed + 1
    redis.call('SETRANGE', key, 0, never)
    if string.sub(saved, 15, 27) > now then
      redis.call('PUBLISH', key, '')
    end
  end
end
return freed
