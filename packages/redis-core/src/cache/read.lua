-- Reads entries of one bucket and, where one is missing or stale, takes the lease to load it.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- KEYS[2...] entry, lease (a pair for each entry)
-- ARGV[1] now ('' or ms)
-- ARGV[2] token (identifies the reader as a lease holder; '' takes no lease)
-- ARGV[3] lease_ms (ms a lease lasts unless renewed)
-- ARGV[4] waits (1: mark busy leases, so that their end is published)
-- ARGV[5] distrust (1: the caller could not use the entry; take it for absent)
-- ARGV[6] new_epoch (integer, used when the bucket has no meta)
-- ARGV[7] meta_ttl_ms (ms the meta outlives this call at least)
-- RETURNS {epoch, seq, now_ms, (state, lease, lease_left_ms, entry) for each entry}; state fresh, stale or
--   miss; lease granted, busy or none; entry '' for a miss, '!' where the bytes are not an entry's;
--   epoch and seq '' without meta
-- ATOMIC because the seq remembered in a lease must be that of the moment the entry was found missing.
local meta, token, lease_ms, waits = KEYS[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local distrust, new_epoch, meta_ttl_ms = ARGV[5] == '1', ARGV[6], ARGV[7]

local head = redis.pcall('ZMSCORE', meta, 'e', 's', 'f')
if head.err then
  redis.call('DEL', meta)
  head = {}
end
local epoch, seq, floor = tonumber(head[1] or nil), tonumber(head[2] or nil), tonumber(head[3] or nil)
local known = epoch and seq and floor

local function state_of(raw)
  if distrust or not raw then
    return 'miss', ''
  end
  local e, s, fresh, grace, tags
  if type(raw) == 'string' then
    e, s, fresh, grace, tags = string.match(raw, '^c1|(%d+)|(%d+)|%d+|(%d+)|(%d+)|([^|]*)|')
  end
  if not e then
    return 'miss', '!'
  end
  if not known or tonumber(e) ~= epoch or tonumber(s) < floor or now_ms >= tonumber(grace) then
    return 'miss', ''
  end
  if tags ~= '' then
    local members = {}
    for tag in string.gmatch(tags, '[^,]+') do
      members[#members + 1] = 't' .. tag
    end
    for _, changed in ipairs(redis.call('ZMSCORE', meta, unpack(members))) do
      if changed and tonumber(changed) > tonumber(s) then
        return 'miss', ''
      end
    end
  end
  return now_ms < tonumber(fresh) and 'fresh' or 'stale', raw
end

-- Refused writes (out of memory, read-only) leave the reader without a lease, not without the hit.
local function grant(lease)
  if not known then
    redis.call('DEL', meta)
    local made = redis.pcall('ZADD', meta, new_epoch, 'e', 1, 's', 0, 'f')
    if type(made) == 'table' then
      return 'none'
    end
    redis.call('PEXPIRE', meta, meta_ttl_ms)
    epoch, seq, floor, known = tonumber(new_epoch), 1, 0, true
  end
  local text = string.format('%s %.0f %.0f 0', token, epoch, seq)
  local set = redis.pcall('SET', lease, text, 'PX', lease_ms)
  return set.err and 'none' or 'granted'
end

local function take(lease, state)
  local held = redis.pcall('GET', lease)
  local holder, origin, waiting
  if type(held) == 'string' then
    holder, origin, waiting = string.match(held, '^(%S+) (%d+ %d+) ([01])$')
  end
  if holder == token then
    return 'granted', redis.call('PTTL', lease)
  end
  if not holder or (holder == 'failed' and state == 'miss') then
    return grant(lease), tonumber(lease_ms)
  end
  if waits and waiting == '0' then
    redis.pcall('SET', lease, holder .. ' ' .. origin .. ' 1', 'KEEPTTL')
  end
  return 'busy', redis.call('PTTL', lease)
end

local items = {}
for i = 2, #KEYS, 2 do
  local raw = redis.pcall('GET', KEYS[i])
  local state, entry = state_of(raw)
  local lease, left = 'none', 0
  if state ~= 'fresh' and token ~= '' then
    lease, left = take(KEYS[i + 1], state)
  end
  items[#items + 1] = state
  items[#items + 1] = lease
  items[#items + 1] = left
  items[#items + 1] = entry
end
local reply = { '', '', string.format('%.0f', now_ms) }
if known then
  reply[1], reply[2] = string.format('%.0f', epoch), string.format('%.0f', seq)
end
for i = 1, #items do
  reply[#reply + 1] = items[i]
end
return reply
