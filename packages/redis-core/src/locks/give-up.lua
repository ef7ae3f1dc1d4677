-- Frees what an attempt took whose caller does not know of it; if it took nothing yet, it never will.
-- KEYS[...] state (of each lock; the channel of the same name is where its waiters listen)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of the attempt)
-- RETURNS the number of locks that were freed
-- ATOMIC because the attempt may arrive at the same time, from a connection that was thought dead.
local kept_ms, remembered_ms, most_remembered = '2592000000', 60000, 32
local layout = '^(%S+) (%d+) (%d+) (%d+) ?(.*)$'

local function remember(key, saved, given_up)
  local holders = {}
  for each in string.gmatch(given_up, ',([^,]+)') do
    holders[#holders + 1] = each
  end
  holders[#holders + 1] = ARGV[2]
  local first = math.max(1, #holders - most_remembered + 1)
  local list = string.format('%.0f,%s', now_ms + remembered_ms, table.concat(holders, ',', first))
  if saved then
    redis.call('SET', key, saved .. ' ' .. list, 'KEEPTTL')
  else
    redis.call('SET', key, '- 0 0 0 ' .. list, 'PX', remembered_ms)
  end
end

local freed = 0
for index = 1, #KEYS do
  local key = KEYS[index]
  local holder, token, ends_at, waited_until, given_up = string.match(redis.call('GET', key) or '', layout)
  if holder ~= ARGV[2] then
    local saved = holder and table.concat({ holder, token, ends_at, waited_until }, ' ')
    remember(key, saved, given_up or '')
  elseif ends_at ~= '0' then
    freed = freed + 1
    redis.call('SET', key, holder .. ' ' .. token .. ' 0 ' .. waited_until .. ' ' .. given_up, 'PX', kept_ms)
    if tonumber(waited_until) > now_ms then
      redis.call('PUBLISH', key, '')
    end
  end
end
return freed
