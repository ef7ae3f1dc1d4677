-- Takes the locks when all of them are free, else none. Asked again, the holder gets the same answer.
-- KEYS[...] state (of each lock: holder, token, end, until when somebody waits; then attempts given up lately)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiting (ms, for how long the caller will wait if they are busy; 0 when it will not)
-- RETURNS the fencing token as text; or, when busy, the number of ms until the leases in the way end
-- ATOMIC because between looking and taking nobody else may take one, and tokens must rise with the grants.
local kept_ms = '2592000000'
local layout = '^(%S+) (%d+) (%d+) (%d+) ?(.*)$'

local function note_waiting(key, until_ms)
  local holder, token, ends_at, waited_until, given_up = string.match(redis.call('GET', key) or '', layout)
  if holder and tonumber(ends_at) > now_ms and tonumber(waited_until) < until_ms then
    local state = string.format('%s %s %s %.0f %s', holder, token, ends_at, until_ms, given_up)
    redis.call('SET', key, state, 'KEEPTTL')
  end
end

-- EACH CALL
local holder, waiting = ARGV[2], tonumber(ARGV[5])
local token = math.max(now_us, tonumber(ARGV[4]))
local busy_ms, held, held_token, tails = 0, 0, nil, {}
for index = 1, #KEYS do
  local saved = redis.call('GET', KEYS[index])
  tails[index] = '0 '
  if saved then
    local saved_holder, saved_token, ends_at, waited_until, given_up = string.match(saved, layout)
    local left = ends_at - now_ms
    -- An attempt that ended, or was given up, and arrives again or late must not take a lock nobody knows of.
    if saved_holder == holder and left <= 0 or given_up ~= '' and string.find(given_up, holder, 1, true) then
      return 0
    end
    if left > 0 and saved_holder == holder then
      held, held_token = held + 1, saved_token
    elseif left > 0 then
      busy_ms = math.max(busy_ms, left)
    end
    token = math.max(token, saved_token + 1)
    if given_up ~= '' and tonumber(string.match(given_up, '^%d+')) <= now_ms then
      given_up = ''
    end
    tails[index] = waited_until .. ' ' .. given_up
  end
end

if busy_ms > 0 then
  if waiting > 0 then
    for index = 1, #KEYS do
      note_waiting(KEYS[index], now_ms + waiting)
    end
  end
  return busy_ms
end
if held == #KEYS then
  return held_token
end
local given = string.format('%.0f', token)
local state = string.format('%s %s %.0f ', holder, given, now_ms + ARGV[3])
for index = 1, #KEYS do
  redis.call('SET', KEYS[index], state .. tails[index], 'PX', kept_ms)
end
return given
