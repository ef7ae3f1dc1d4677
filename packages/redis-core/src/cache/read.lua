-- Reads entries of one bucket and, where one is missing, stale or soon to end, takes the lease to load it.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- KEYS[2...] entry, lease (a pair for each entry; entries alone without token)
-- ARGV[1] now ('' or ms)
-- ARGV[2] token (identifies the reader as a lease holder, begins with 12 random hex digits; '' takes no lease)
-- ARGV[3] early (factor of an entry's load time by which it counts as ended before its end; 0 for not at all)
-- ARGV[4] manner (words: mode, lease_ms, meta_ttl_ms; mode read, wait to mark busy leases so that their end is
--   published, distrust for a wait that takes the entry for absent, force to take the lease from its holder)
-- RETURNS {epoch, seq, now_ms, (the entry, or {state, lease, text}) for each}: the entry alone where it is fresh and
--   no lease taken; state 0 miss, 1 stale, 2 fresh, 3 bytes that are not an entry's; lease 0 none, 1 granted,
--   2 busy; text the entry, or for a miss the ms a busy lease has left; epoch and seq 0 without meta
-- ATOMIC because the seq remembered in a lease must be that of the moment the entry was found missing.
local meta, token, early, manner = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local mode, stride = string.sub(manner, 1, 1), token == '' and 1 or 2

local function read_head()
  local scores = redis.pcall('ZMSCORE', meta, 'e', 's', 'f', 'd')
  if scores.err then
    redis.call('DEL', meta)
    scores = {}
  end
  local head = { epoch = 0, seq = 0 }
  if scores[1] and scores[2] and scores[3] then
    head.epoch, head.seq = tonumber(scores[1]), tonumber(scores[2])
    head.floor, head.changed = tonumber(scores[3]), tonumber(scores[4] or 0)
    head.plain_since = math.max(head.floor, head.changed)
    head.plain = string.format('^c2|%.0f|(%%d+)|%%d+|(%%d+)|', head.epoch)
  end
  return head
end

local head = read_head()

-- 2 unless one of the tags was expired (1) or invalidated (0) after the seq.
local function state_by_tags(tags, seq)
  local members = {}
  for tag in string.gmatch(tags, '[^,]+') do
    members[#members + 1] = 't' .. tag
    members[#members + 1] = 'x' .. tag
  end
  local state = 2
  for i, changed in ipairs(#members > 0 and redis.call('ZMSCORE', meta, unpack(members)) or {}) do
    if changed and tonumber(changed) > seq then
      state = math.min(state, i % 2 == 0 and 1 or 0)
    end
  end
  return state
end

-- The state, and whether a fresh entry counts as ended.
local function state_of(raw)
  if not raw then
    return 0
  end
  local epoch, seq, fresh, grace, load_ms, tags =
    string.match(raw, '^c2|(%d+)|(%d+)|%d+|(%d+)|(%d+)|(%d+)|([^|]*)|')
  if not epoch then
    return 3
  end
  seq = tonumber(seq)
  if tonumber(epoch) ~= head.epoch or seq < head.floor then
    return 0
  end
  local state = seq < head.changed and state_by_tags(tags, seq) or 2
  fresh = tonumber(fresh)
  if state == 2 and now_ms < fresh then
    return 2, early ~= '0' and now_ms + load_ms * early >= fresh
  end
  grace = tonumber(grace)
  return state > 0 and grace > fresh and now_ms < grace and 1 or 0
end

-- Nearly every read ends here: an entry of this epoch, later than the last change of tags, not yet at its end.
local function is_plainly_fresh(raw)
  if raw and head.plain then
    local seq, fresh = string.match(raw, head.plain)
    return seq and tonumber(seq) >= head.plain_since and now_ms < tonumber(fresh)
  end
end

-- Refused writes (out of memory, read-only) leave the reader without a lease, not without the hit.
local function grant(lease, lease_ms, meta_ttl_ms, waiting)
  if head.epoch == 0 then
    local new_epoch = tonumber(string.sub(token, 1, 12), 16) + 1
    redis.call('DEL', meta)
    local made = redis.pcall('ZADD', meta, string.format('%.0f', new_epoch), 'e', 1, 's', 0, 'f')
    if type(made) == 'table' then
      return 0
    end
    redis.call('PEXPIRE', meta, meta_ttl_ms)
    head.epoch, head.seq, head.floor, head.changed = new_epoch, 1, 0, 0
  end
  local text = string.format('%s %.0f %.0f %s', token, head.epoch, head.seq, waiting)
  local set = redis.pcall('SET', lease, text, 'PX', lease_ms)
  return set.err and 0 or 1
end

local function take(lease, state)
  local lease_ms, meta_ttl_ms = string.match(manner, ' (%d+) (%d+)$')
  local held = redis.pcall('GET', lease)
  local holder, origin, waiting
  if type(held) == 'string' then
    holder, origin, waiting = string.match(held, '^(%S+) (%d+ %d+) ([01])$')
  end
  if holder == token then
    return 1, 0
  end
  if not holder or mode == 'f' or (holder == 'failed' and state == 0) then
    return grant(lease, lease_ms, meta_ttl_ms, waiting or '0'), 0
  end
  if mode ~= 'r' and waiting == '0' then
    redis.pcall('SET', lease, holder .. ' ' .. origin .. ' 1', 'KEEPTTL')
  end
  return 2, redis.call('PTTL', lease)
end

-- Many at a time, because calling a command costs more than what it does. Other types count as nothing.
local function read_entries()
  local raws = {}
  for from = 2, #KEYS, 100 * stride do
    local names = {}
    for i = from, math.min(#KEYS, from + 99 * stride), stride do
      names[#names + 1] = KEYS[i]
    end
    for _, raw in ipairs(redis.call('MGET', unpack(names))) do
      raws[#raws + 1] = raw
    end
  end
  return raws
end

local may_be_plain = mode ~= 'f' and early == '0'
local reply = { head.epoch, head.seq, now_ms }
for i, raw in ipairs(read_entries()) do
  if mode == 'd' then
    raw = false
  end
  if may_be_plain and is_plainly_fresh(raw) then
    reply[i + 3] = raw
  else
    local state, ends_early = state_of(raw)
    local lease, left = 0, 0
    if token ~= '' and (state ~= 2 or ends_early or mode == 'f') then
      lease, left = take(KEYS[2 * i + 1], state)
    end
    local text = (state == 1 or state == 2) and raw or left
    reply[i + 3] = state == 2 and lease == 0 and raw or { state, lease, text }
  end
end
reply[1], reply[2] = head.epoch, head.seq
return reply
