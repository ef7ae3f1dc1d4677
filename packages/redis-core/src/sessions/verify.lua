-- Finds the live session of a secret, notes its use now and then, and drops it once it has ended.
-- KEYS[1] user (all sessions of a user, id → record)
-- ARGV[1] now ('' or ms)
-- ARGV[2] lookup (first 32 hex characters of the digest)
-- ARGV[3] digest (SHA-256 of the secret, 64 hex characters)
-- ARGV[4] idle_ms (ms)
-- ARGV[5] touch_every_ms (ms between two notes of use; 0 notes nothing)
-- ARGV[6] ticket (grants the right to restore a session that is missing; '' asks for none)
-- ARGV[7] ticket_ms (ms a ticket lasts)
-- RETURNS {now_ms, id, record, touched 0 or 1}, or {now_ms, ticket} when there is none
-- ATOMIC because a touch between a revocation's look and its write would bring the session back.
local user, lookup, digest = KEYS[1], ARGV[2], ARGV[3]
local idle_ms, touch_every_ms = tonumber(ARGV[4]), tonumber(ARGV[5])
local ticket, ticket_ms = ARGV[6], tonumber(ARGV[7])

-- A ticket stands until any revocation of the user: whoever reads the record while holding it may put back
-- what he read. Several readers share one.
local function none()
  if ticket ~= '' then
    local held, till = string.match(redis.call('HGET', user, 't') or '', '^(%S+) (%d+)$')
    if held and now_ms < tonumber(till) then
      ticket = held
    else
      redis.call('HSET', user, 't', string.format('%s %.0f', ticket, now_ms + ticket_ms))
      if redis.call('PTTL', user) < ticket_ms then
        redis.call('PEXPIRE', user, ticket_ms)
      end
    end
  end
  return { string.format('%.0f', now_ms), ticket }
end

local id = lookup
local record = redis.pcall('HGET', user, lookup)
if type(record) == 'table' then
  redis.call('DEL', user)
  record = false
end
if not record then
  id = redis.call('HGET', user, 'p' .. lookup)
  record = id and redis.call('HGET', user, id)
  if not record then
    return none()
  end
end
local current, previous, previous_until, created, seen, expires, absolute, revision, payload =
  string.match(record, '^s1|(%x+)|([%x-]+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(.*)$')
if not current or now_ms >= tonumber(expires) then
  redis.call('HDEL', user, id)
  return none()
end
if digest ~= current and not (digest == previous and now_ms < tonumber(previous_until)) then
  return none()
end
local touched = 0
if touch_every_ms > 0 and now_ms - tonumber(seen) >= touch_every_ms then
  touched = 1
  local till = math.max(tonumber(expires), math.min(now_ms + idle_ms, tonumber(absolute)))
  record = string.format('s1|%s|%s|%s|%s|%.0f|%.0f|%s|%s|', current, previous, previous_until, created,
    now_ms, till, absolute, revision) .. payload
  redis.call('HSET', user, id, record)
  if redis.call('PTTL', user) < till - now_ms then
    redis.call('PEXPIRE', user, string.format('%.0f', till - now_ms))
  end
end
return { string.format('%.0f', now_ms), id, record, touched }
