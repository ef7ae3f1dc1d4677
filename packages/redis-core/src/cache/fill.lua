-- Stores loaded values whose leases still stand and whose tags nobody has invalidated since the load began.
-- KEYS[1] meta (the bucket's tags, seq, floor and epoch)
-- KEYS[2...] entry, lease (a pair for each entry)
-- ARGV[1] now ('' or ms)
-- ARGV[2] token (the lease holder's)
-- ARGV[3] channel (the namespace's events)
-- ARGV[4...] fresh_ms, grace_ms, tags, key, text (for each entry: ms fresh, ms stale after that, encoded tags
--   joined by commas, the key for waiters, the encoded value)
-- RETURNS {epoch, seq, now_ms, (1 stored or 0 fenced) for each entry}
-- ATOMIC because an invalidation between the check and the write would be lost.
local meta, token, channel = KEYS[1], ARGV[2], ARGV[3]
local meta_slack_ms = 600000

local head = redis.call('ZMSCORE', meta, 'e', 's', 'f')
local epoch, seq, floor = tonumber(head[1] or nil), tonumber(head[2] or nil), tonumber(head[3] or nil)
local longest_ms = 0

local function valid(e, s, tags)
  if not epoch or e ~= epoch or s < floor then
    return false
  end
  if tags ~= '' then
    local members = {}
    for tag in string.gmatch(tags, '[^,]+') do
      members[#members + 1] = 't' .. tag
    end
    for _, changed in ipairs(redis.call('ZMSCORE', meta, unpack(members))) do
      if changed and tonumber(changed) > s then
        return false
      end
    end
  end
  return true
end

local function fill(entry, lease, at)
  local fresh_ms, grace_ms = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local tags, key, text = ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local held = redis.pcall('GET', lease)
  if type(held) ~= 'string' then
    return 0
  end
  local holder, e, s, waiting = string.match(held, '^(%S+) (%d+) (%d+) ([01])$')
  if holder ~= token then
    return 0
  end
  local stored = 0
  if valid(tonumber(e), tonumber(s), tags) then
    local fresh_until = now_ms + fresh_ms
    redis.call('SET', entry, string.format('c1|%s|%s|%.0f|%.0f|%.0f|%s|', e, s, now_ms, fresh_until,
      fresh_until + grace_ms, tags) .. text, 'PX', string.format('%.0f', fresh_ms + grace_ms))
    longest_ms = math.max(longest_ms, fresh_ms + grace_ms)
    stored = 1
  end
  redis.call('DEL', lease)
  if waiting == '1' then
    redis.call('PUBLISH', channel, 'w|' .. key)
  end
  return stored
end

local reply = { '', '', string.format('%.0f', now_ms) }
if epoch then
  reply[1], reply[2] = string.format('%.0f', epoch), string.format('%.0f', seq)
end
for i = 2, #KEYS, 2 do
  reply[#reply + 1] = fill(KEYS[i], KEYS[i + 1], 4 + (i - 2) / 2 * 5)
end
if longest_ms > 0 and redis.call('PTTL', meta) < longest_ms then
  redis.call('PEXPIRE', meta, string.format('%.0f', longest_ms + meta_slack_ms))
end
return reply
