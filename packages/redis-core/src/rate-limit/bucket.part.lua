-- Token bucket: "<used> <at (ms)> <window> <expires (ms)>". A token is `window` units of use, a millisecond takes
-- `rate` of them back, so that all figures are whole and exact.
local function read_bucket(rule)
  rule.capacity, rule.used, rule.expires = rule.limit * rule.window, 0, 0
  local saved = redis_call('GET', rule.state)
  if saved then
    local used, at, window, expires = match(saved, '^(%d+) (%d+) (%d+) (%d+)$')
    used, at, window = tonumber(used), tonumber(at), tonumber(window)
    if window ~= rule.window then
      used = ceil(used * rule.window / window)
    end
    -- Of the future: the clock went back. It drains from now on.
    rule.moved = at > now_ms
    rule.used = max(0, min(used, rule.capacity) - max(0, now_ms - at) * rule.rate)
    rule.expires = tonumber(expires)
  end
end

local function write_bucket(rule)
  if rule.used == 0 then
    redis_call('DEL', rule.state)
    return
  end
  local fills, expires = ceil(rule.capacity / rule.rate), rule.expires
  local keeps = expires >= now_ms + ceil(rule.used / rule.rate) and expires <= now_ms + 2 * fills
  expires = keeps and expires or now_ms + 2 * fills
  local saved = format('%d %d %d %d', rule.used, now_ms, rule.window, expires)
  if keeps then
    redis_call('SET', rule.state, saved, 'KEEPTTL')
  else
    redis_call('SET', rule.state, saved, 'PX', 2 * fills)
  end
end

local bucket = {
  read = read_bucket,
  retry = function(rule)
    return max(0, ceil((rule.used + cost * rule.window - rule.capacity) / rule.rate))
  end,
  remaining = function(rule)
    return floor((rule.capacity - rule.used) / rule.window)
  end,
  reset = function(rule)
    return ceil(rule.used / rule.rate)
  end,
  write = write_bucket,
  take = function(rule)
    rule.used = rule.used + cost * rule.window
    write_bucket(rule)
  end,
  refund = function(rule)
    rule.used = max(0, rule.used - cost * rule.window)
    write_bucket(rule)
  end,
  settle = function(rule)
    rule.used = settled(rule.used, rule.capacity, rule.window)
    write_bucket(rule)
  end,
}
