-- Takes the locks when all of them are free, else none. Asked again, the holder gets the same answer.
-- KEYS[...] state (of each lock, in fixed columns: docs/guides/locks.md draws them)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] holder (random name of this attempt)
-- ARGV[3] duration (ms, of the lease)
-- ARGV[4] floor (lowest fencing token that may be given)
-- ARGV[5] waiting (ms, for how long the caller will wait if they are busy; 0 when it will not)
-- RETURNS the fencing token; or, when busy, the ms until the leases in the way end as a negative number or 0
-- ATOMIC because between looking and taking nobody else may take one, and tokens must rise with the grants.
local kept_ms, never = '2592000000', '0000000000000'
-- Numbers are written in columns of one width, so that texts compare as the numbers do.
local now, now_token = string.format('%013.0f', now_ms), string.format('%016.0f', now_us)
local ends = {}

local function note_waiting(key, until_ms)
  local saved, waited_until = redis.call('GET', key), string.format('%013.0f', until_ms)
  if saved and string.sub(saved, 1, 13) > now and string.sub(saved, 15, 27) < waited_until then
    redis.call('SETRANGE', key, 14, waited_until)
  end
end

-- EACH CALL
local holder, duration, waiting = ARGV[2], ARGV[3], ARGV[5]
local token, busy_until, held, held_token, kept = now_token, now, 0, nil, nil
if tonumber(ARGV[4]) > now_us then
  token = string.format('%016.0f', ARGV[4])
end
for index = 1, #KEYS do
  local saved = redis.call('GET', KEYS[index])
  if saved then
    local ends_at, saved_token = string.sub(saved, 1, 13), string.sub(saved, 29, 44)
    local is_own = string.find(saved, holder, 60, true)
    if is_own == 60 and ends_at > now then
      held, held_token = held + 1, saved_token
    elseif is_own then
      -- An attempt that ended, or was given up, and arrives again or late must not take what nobody knows of.
      return 0
    elseif ends_at > busy_until then
      busy_until = ends_at
    end
    if saved_token >= token then
      token = string.format('%016.0f', saved_token + 1)
    end
    local waited_until, given_up_until = string.sub(saved, 15, 27), string.sub(saved, 46, 58)
    if waited_until > now or given_up_until > now then
      local given_up = given_up_until > now and string.match(saved, '%S+(.*)', 60) or ''
      kept = kept or {}
      kept[index] = { waited_until, given_up_until, given_up }
    end
  end
end

if busy_until > now then
  if waiting ~= '0' then
    for index = 1, #KEYS do
      note_waiting(KEYS[index], now_ms + waiting)
    end
  end
  return now_ms - busy_until
end
if held == #KEYS then
  return tonumber(held_token)
end
ends[duration] = ends[duration] or string.format('%013.0f', now_ms + duration)
for index = 1, #KEYS do
  local waited_until, given_up_until, given_up = never, never, ''
  if kept and kept[index] then
    waited_until, given_up_until, given_up = unpack(kept[index])
  end
  local state = ends[duration] .. ' ' .. waited_until .. ' ' .. token .. ' ' .. given_up_until .. ' ' .. holder .. given_up
  redis.call('SET', KEYS[index], state, 'PX', kept_ms)
end
return tonumber(token)
