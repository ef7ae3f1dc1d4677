-- Blocks identities, gives them limits of their own, or takes either back.
-- KEYS[1...] of each rule: state, control, and the states it has as a fixed window, sliding window, token bucket
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] operation ('block' | 'unblock' | 'reset', which forgets counts too | 'override' | 'clear' an override)
-- ARGV[3] duration (ms, of a block or an override)
-- ARGV[4...] to override, of each rule: limit, window, rate
-- RETURNS the number of rules where something changed
-- ATOMIC because a block and an override share a key, and a longer block that is there already stays.
local operation, duration = ARGV[2], tonumber(ARGV[3])
local changed = 0

local function number_of(text)
  return tonumber(text or '0')
end

-- So that whoever decides by a state knows that there is a control, by whatever algorithm it was deployed with.
local function mark(first)
  for key = first, first + 2 do
    local saved = redis.call('GET', KEYS[key])
    if saved and string.sub(saved, 1, 1) ~= '!' then
      redis.call('SET', KEYS[key], '!' .. saved, 'KEEPTTL')
    end
  end
end

for number = 1, #KEYS / 5 do
  local state, control = KEYS[number * 5 - 4], KEYS[number * 5 - 3]
  local saved = redis.call('GET', control) or ''
  local blocked, override, limit, window, rate = string.match(saved, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  local blocked_until, override_until = number_of(blocked), number_of(override)
  if operation == 'block' then
    blocked_until = math.max(blocked_until, now_ms + duration)
  elseif operation == 'override' then
    local at = 4 + (number - 1) * 3
    override_until, limit, window, rate = now_ms + duration, ARGV[at], ARGV[at + 1], ARGV[at + 2]
  elseif operation == 'clear' then
    override_until = 0
  else
    blocked_until = 0
  end
  if operation == 'reset' then
    changed = changed + redis.call('DEL', state)
  end
  local lasts = math.max(blocked_until, override_until) - now_ms
  if lasts > 0 then
    mark(number * 5 - 2)
    local text =
      string.format('%d %d %s %s %s', blocked_until, override_until, limit or '0', window or '0', rate or '0')
    if text ~= saved then
      -- The expiry only cleans up, a second later than it might.
      redis.call('SET', control, text, 'PX', lasts + 1000)
      changed = changed + 1
    end
  elseif saved ~= '' then
    redis.call('DEL', control)
    changed = changed + 1
  end
end
return changed
