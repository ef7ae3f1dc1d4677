-- Fixed and sliding window: "<start of the window (ms)> <count in it> <count in the one before>".
local function read_counter(rule)
  local window = rule.window
  local start = now_ms - now_ms % window
  rule.start, rule.elapsed, rule.current, rule.previous, rule.kept = start, now_ms - start, 0, 0, false
  local saved = redis_call('GET', rule.state)
  if saved then
    local from, current, previous = match(saved, '^(%d+) (%d+) (%d+)$')
    from = tonumber(from)
    if from >= start then
      rule.current, rule.previous = tonumber(current), tonumber(previous)
      -- A window of the future: the clock went back. Its count is this window's now.
      rule.kept, rule.moved = from == start, from > start
    elseif rule.slides and from == start - window then
      rule.previous = tonumber(current)
    end
  end
end

-- The first millisecond of a window at which what is left of the count before it fits into the room.
local function fading(count, room, window)
  local from = window - floor(room * window / count)
  if count * (window - from) > room * window then
    from = from + 1
  end
  return from
end

local function retry_counter(rule)
  local window, room = rule.window, rule.limit - cost - rule.current
  if room >= 0 and rule.previous * (window - rule.elapsed) <= room * window then
    return 0
  elseif not rule.slides then
    return window - rule.elapsed
  elseif room >= 0 then
    return fading(rule.previous, room, window) - rule.elapsed
  end
  return window - rule.elapsed + fading(rule.current, rule.limit - cost, window)
end

local function reset_counter(rule)
  if rule.current > 0 then
    return (rule.slides and 2 or 1) * rule.window - rule.elapsed
  end
  return rule.previous > 0 and rule.window - rule.elapsed or 0
end

local function write_counter(rule)
  if rule.current == 0 and rule.previous == 0 then
    redis_call('DEL', rule.state)
    return
  end
  local saved = format('%d %d %d', rule.start, rule.current, rule.previous)
  if rule.kept then
    -- Its expiry is that of its window already, and setting one is the dearer half of a SET.
    redis_call('SET', rule.state, saved, 'KEEPTTL')
  else
    redis_call('SET', rule.state, saved, 'PX', (rule.slides and 2 or 1) * rule.window - rule.elapsed)
  end
end

local counter = {
  read = read_counter,
  retry = retry_counter,
  remaining = function(rule)
    return rule.limit - rule.current - ceil(rule.previous * (rule.window - rule.elapsed) / rule.window)
  end,
  reset = reset_counter,
  write = write_counter,
  take = function(rule)
    rule.current = rule.current + cost
    write_counter(rule)
  end,
  refund = function(rule)
    local given = min(cost, rule.current)
    rule.current = rule.current - given
    rule.previous = max(0, rule.previous - (cost - given))
    write_counter(rule)
  end,
  settle = function(rule)
    local windows_ago = (rule.start - (taken - taken % rule.window)) / rule.window
    if windows_ago <= 0 then
      rule.current = settled(rule.current, rule.limit, 1)
    elseif windows_ago == 1 then
      rule.previous = rule.slides and settled(rule.previous, rule.limit, 1) or 0
    end
    write_counter(rule)
  end,
}
