-- Token bucket: "<used> <at (ms)> <window> <expires (ms)>". A token is `window` units of use, a millisecond takes
-- `rate` of them back, so that all figures are whole and exact.
local function make_bucket()
  -- Gives the use that is left, when the key expires, whether the clock went back, and whether there may be a control.
  local function read(state, capacity, window, rate)
    local saved = redis_call('GET', state)
    if not saved then
      return 0, 0, false, true
    end
    local used, at, unit, expires = match(saved, '^!?(%d+) (%d+) (%d+) (%d+)$')
    used, at, unit = tonumber(used), tonumber(at), tonumber(unit)
    if unit ~= window then
      used = ceil(used * window / unit)
    end
    -- Of the future: the clock went back. It drains from now on.
    local passed = at < now_ms and now_ms - at or 0
    return max(0, min(used, capacity) - passed * rate), tonumber(expires), at > now_ms, byte(saved) == 33
  end

  local function write(state, mark, capacity, window, rate, used, expires)
    if used == 0 then
      redis_call('DEL', state)
      return
    end
    local latest = now_ms + 2 * ceil(capacity / rate)
    if expires <= latest and expires >= now_ms + ceil(used / rate) then
      redis_call('SET', state, mark .. format('%d %d %d %d', used, now_ms, window, expires), 'KEEPTTL')
    else
      local text = mark .. format('%d %d %d %d', used, now_ms, window, latest)
      redis_call('SET', state, text, 'PX', latest - now_ms)
    end
  end

  local function retry(capacity, window, rate, used)
    return max(0, ceil((used + cost * window - capacity) / rate))
  end

  -- For a call of this rule alone: what the functions below do, or `nil` where only they can.
  local function decide(rule, state, control)
    local window, rate = rule.declared_window, rule.declared_rate
    local capacity = rule.declared_limit * window
    local used, expires, moved, unsure = read(state, capacity, window, rate)
    if unsure and redis_call('GET', control) then
      return nil
    end
    local retry = retry(capacity, window, rate, used)
    if retry == 0 and cost > 0 then
      used = used + cost * window
      write(state, '', capacity, window, rate, used, expires)
    elseif moved then
      write(state, '', capacity, window, rate, used, expires)
    end
    return { now_ms, floor((capacity - used) / window), retry, ceil(used / rate) }
  end

  return {
    decide = decide,
    read = function(rule)
      rule.capacity = rule.limit * rule.window
      rule.used, rule.expires, rule.moved = read(rule.state, rule.capacity, rule.window, rule.rate)
    end,
    retry = function(rule)
      return retry(rule.capacity, rule.window, rule.rate, rule.used)
    end,
    remaining = function(rule)
      return floor((rule.capacity - rule.used) / rule.window)
    end,
    reset = function(rule)
      return ceil(rule.used / rule.rate)
    end,
    write = function(rule)
      write(rule.state, rule.mark, rule.capacity, rule.window, rule.rate, rule.used, rule.expires)
    end,
    take = function(rule)
      rule.used = rule.used + cost * rule.window
    end,
    refund = function(rule)
      rule.used = max(0, rule.used - cost * rule.window)
    end,
    settle = function(rule)
      rule.used = settled(rule.used, rule.capacity, rule.window)
    end,
  }
end
