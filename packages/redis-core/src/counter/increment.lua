-- Adds to an item's count, once per operation id and once per viewer in the dedupe window.
-- KEYS[1] values
-- KEYS[2] seen (unused, and any key of the counter, when the window is 0)
-- KEYS[3] operation (unused likewise when hasOperation is 0)
-- ARGV[1] now (ms, or '' for the server's time)
-- ARGV[2] item
-- ARGV[3] by (whole number)
-- ARGV[4] keep (ms, for which counts stay after this increment)
-- ARGV[5] maxItems (more are cut from the lowest counts up)
-- ARGV[6] window (ms, in which this viewer counts once; 0 without a viewer)
-- ARGV[7] hasOperation (1 or 0)
-- RETURNS the item's count as text
-- ATOMIC because the check for the viewer or operation and the addition must not be parted.
local values, seen, operation = KEYS[1], KEYS[2], KEYS[3]
local item, by, keep, max_items = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local window, has_operation = tonumber(ARGV[6]), ARGV[7] == '1'
local operation_kept_ms = 86400000

if has_operation then
  local answered = redis.call('GET', operation)
  if answered then
    return answered
  end
end

local seen_until = window > 0 and tonumber(redis.call('GET', seen) or '0') or 0
local count
if seen_until > now_ms then
  count = redis.call('ZSCORE', values, item) or '0'
else
  if window > 0 then
    redis.call('SET', seen, string.format('%.0f', now_ms + window), 'PX', ARGV[6])
  end
  count = redis.call('ZINCRBY', values, by, item)
  if redis.call('ZCARD', values) > max_items then
    redis.call('ZREMRANGEBYRANK', values, 0, -max_items - 1)
  end
  redis.call('PEXPIRE', values, keep)
end
if has_operation then
  redis.call('SET', operation, count, 'PX', operation_kept_ms)
end
return count
