-- Stores loaded values whose leases still stand and whose tags nobody has invalidated since the load began.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- KEYS[2...] entry, lease (a pair for each entry)
-- ARGV[1] now ('' or ms)
-- ARGV[2] token (the lease holder's)
-- ARGV[3] channel (the namespace's events)
-- ARGV[4] announce (the bucket where copies of what is replaced must go, else '')
-- ARGV[5...] fresh_ms, grace_ms, load_ms, tags, key, text (for each entry: ms fresh, ms stale after that, ms its
--   load took, encoded tags joined by commas, the key for other processes, the encoded value)
-- RETURNS {epoch, seq, now_ms, (1 stored or 0 fenced) for each entry}; epoch and seq 0 without meta
-- ATOMIC because an invalidation between the check and the write would be lost.
local meta_slack_ms = 600000

local function is_valid(meta, head, epoch, seq, tags)
  if epoch ~= head.epoch or seq < head.floor then
    return false
  end
  if tags == '' or seq >= head.changed then
    return true
  end
  local members = {}
  for tag in string.gmatch(tags, '[^,]+') do
    members[#members + 1] = 't' .. tag
    members[#members + 1] = 'x' .. tag
  end
  for _, changed in ipairs(redis.call('ZMSCORE', meta, unpack(members))) do
    if changed and tonumber(changed) > seq then
      return false
    end
  end
  return true
end

-- The lease's epoch, seq and waiting mark, if it is the token's.
local function find_lease(lease, token)
  local held = redis.pcall('GET', lease)
  if type(held) ~= 'string' then
    return nil
  end
  local holder, epoch, seq, waiting = string.match(held, '^(%S+) (%d+) (%d+) ([01])$')
  if holder ~= token then
    return nil
  end
  return tonumber(epoch), tonumber(seq), waiting
end
-- EACH CALL
local meta, token, channel, announce = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local scores = redis.pcall('ZMSCORE', meta, 'e', 's', 'f', 'd')
local head = { epoch = tonumber(scores[1] or 0), seq = tonumber(scores[2] or 0) }
head.floor, head.changed = tonumber(scores[3] or 0), tonumber(scores[4] or 0)

local reply = { head.epoch, head.seq, now_ms }
local longest_ms = 0
for i = 2, #KEYS, 2 do
  local entry, lease, at = KEYS[i], KEYS[i + 1], 5 + (i - 2) * 3
  local fresh_ms, grace_ms, load_ms = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), ARGV[at + 2]
  local tags, key, text = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local epoch, seq, waiting = find_lease(lease, token)
  local stored = 0
  if epoch and is_valid(meta, head, epoch, seq, tags) then
    local fresh_until = now_ms + fresh_ms
    redis.call('SET', entry, string.format('c2|%.0f|%.0f|%.0f|%.0f|%.0f|%s|%s|', epoch, seq, now_ms, fresh_until,
      fresh_until + grace_ms, load_ms, tags) .. text, 'PX', string.format('%.0f', fresh_ms + grace_ms))
    longest_ms = math.max(longest_ms, fresh_ms + grace_ms)
    stored = 1
    if announce ~= '' then
      head.seq = tonumber(redis.call('ZINCRBY', meta, 1, 's'))
      redis.call('PUBLISH', channel, string.format('k|%s|%.0f|%.0f|', announce, head.epoch, head.seq) .. key)
    end
  end
  if epoch then
    redis.call('DEL', lease)
    if waiting == '1' then
      redis.call('PUBLISH', channel, 'w|' .. key)
    end
  end
  reply[#reply + 1] = stored
end
if longest_ms > 0 and redis.call('PTTL', meta) < longest_ms then
  redis.call('PEXPIRE', meta, string.format('%.0f', longest_ms + meta_slack_ms))
end
reply[2] = head.seq
return reply
