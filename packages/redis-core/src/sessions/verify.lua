-- Finds the live session of a secret, notes its use now and then, and drops it once it has ended.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] digest (SHA-256 of the secret, 64 hex characters: the first half finds the session, the second proves it)
-- ARGV[3] terms (`<touch_every_ms> <idle_ms> <ticket>`: ms between two notes of use, 0 notes nothing; ms; grants the
--   right to restore a session that is missing, empty asks for none)
-- RETURNS the record, if it stands under its own id and was not touched; else {record, id, touched 0 or 1};
--   {now_ms, ticket} when there is none
-- ATOMIC because a touch between a revocation's look and its write would bring the session back.
local ask, sub, number = redis.call, string.sub, tonumber
local ticket_ms = 10000

-- A ticket stands until any revocation of the user: whoever reads the record while holding it may put back
-- what he read. Several readers share one.
local function none(user, ticket)
  if ticket ~= '' then
    local held, till = string.match(ask('HGET', user, 't') or '', '^(%S+) (%d+)$')
    if held and now_ms < number(till) then
      ticket = held
    else
      ask('HSET', user, 't', string.format('%s %.0f', ticket, now_ms + ticket_ms))
      if ask('PTTL', user) < ticket_ms then
        ask('PEXPIRE', user, ticket_ms)
      end
    end
  end
  return { string.format('%.0f', now_ms), ticket }
end

-- All that is rarer than a session found under its own id: rotated, ended, due for a touch, foreign.
local function look_closer(user, digest, record, terms)
  local touch_every_ms, idle_ms, ticket = string.match(terms, '^(%d+) (%d+) (%w*)$')
  touch_every_ms, idle_ms = number(touch_every_ms), number(idle_ms)
  local id = sub(digest, 1, 32)
  if type(record) == 'table' then
    ask('DEL', user)
    return none(user, ticket)
  end
  if record and sub(record, 1, 1) == 'p' then
    id = sub(record, 2)
    record = ask('HGET', user, id)
  end
  if not record then
    return none(user, ticket)
  end
  local expires, seen, absolute =
    number(sub(record, 49, 62)), number(sub(record, 63, 76)), number(sub(record, 91, 104))
  if sub(record, 1, 2) ~= 's2' or not (expires and seen and absolute) or now_ms >= expires then
    ask('HDEL', user, id)
    return none(user, ticket)
  end
  if sub(record, 3, 34) ~= sub(digest, 33) then
    local previous, till = string.match(record, '^|%d+|(%x+)|(%d+)|', 105)
    if previous ~= digest or now_ms >= number(till) then
      return none(user, ticket)
    end
  end
  if touch_every_ms == 0 or now_ms - seen < touch_every_ms then
    return { record, id, 0 }
  end
  local till = math.max(expires, math.min(now_ms + idle_ms, absolute))
  local times = string.format('%014.0f%014.0f%014.0f', math.min(now_ms + touch_every_ms, till), till, now_ms)
  record = sub(record, 1, 34) .. times .. sub(record, 77)
  ask('HSET', user, id, record)
  if ask('PTTL', user) < till - now_ms then
    ask('PEXPIRE', user, string.format('%.0f', till - now_ms))
  end
  return { record, id, 1 }
end

-- EACH CALL
local user, digest = KEYS[1], ARGV[2]
local record = redis.pcall('HGET', user, sub(digest, 1, 32))
if type(record) == 'string' and sub(record, 3, 34) == sub(digest, 33) then
  local fresh_until = number(sub(record, 35, 48))
  if fresh_until and now_ms < fresh_until then
    return record
  end
end
return look_closer(user, digest, record, ARGV[3])
