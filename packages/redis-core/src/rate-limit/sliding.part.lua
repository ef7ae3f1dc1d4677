-- Sliding window: "<start of the window (ms)> <count in it> <count in the one before>".
local function make_sliding()
  -- Gives start, current and previous count, whether the key's expiry is right, whether the clock went back, and
  -- whether there may be a control.
  local function read(state, window)
    local start = now_ms - now_ms % window
    local saved = redis_call('GET', state)
    if saved then
      local from, current, previous = match(saved, '^!?(%d+) (%d+) (%d+)$')
      from = tonumber(from)
      if from >= start then
        -- A window of the future: the clock went back. Its count is this window's now.
        return start, tonumber(current), tonumber(previous), from == start, from > start, byte(saved) == 33
      elseif from == start - window then
        return start, 0, tonumber(current), false, false, byte(saved) == 33
      end
    end
    return start, 0, 0, false, false, true
  end

  local function write(state, mark, window, start, current, previous, kept)
    local text = mark .. format('%d %d %d', start, current, previous)
    if current == 0 and previous == 0 then
      redis_call('DEL', state)
    elseif kept then
      -- Its expiry is that of its window already, and setting one is the dearer half of a SET.
      redis_call('SET', state, text, 'KEEPTTL')
    else
      redis_call('SET', state, text, 'PX', 2 * window - (now_ms - start))
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

  local function retry(limit, window, elapsed, current, previous)
    local room = limit - cost - current
    if room >= 0 and previous * (window - elapsed) <= room * window then
      return 0
    elseif room >= 0 then
      return fading(previous, room, window) - elapsed
    end
    return window - elapsed + fading(current, limit - cost, window)
  end

  local function reset(window, elapsed, current, previous)
    if current > 0 then
      return 2 * window - elapsed
    end
    return previous > 0 and window - elapsed or 0
  end

  local function remaining(limit, window, elapsed, current, previous)
    return limit - current - ceil(previous * (window - elapsed) / window)
  end

  -- For a call of this rule alone: what the functions below do, or `nil` where only they can.
  local function decide(rule, state, control)
    local limit, window = rule.declared_limit, rule.declared_window
    local start, current, previous, kept, moved, unsure = read(state, window)
    if unsure and redis_call('GET', control) then
      return nil
    end
    local elapsed = now_ms - start
    local retry = retry(limit, window, elapsed, current, previous)
    if retry == 0 and cost > 0 then
      current = current + cost
      write(state, '', window, start, current, previous, kept)
    elseif moved then
      write(state, '', window, start, current, previous, false)
    end
    return { now_ms, max(0, remaining(limit, window, elapsed, current, previous)), retry,
      reset(window, elapsed, current, previous) }
  end

  return {
    decide = decide,
    read = function(rule)
      rule.start, rule.current, rule.previous, rule.kept, rule.moved = read(rule.state, rule.window)
      rule.elapsed = now_ms - rule.start
    end,
    retry = function(rule)
      return retry(rule.limit, rule.window, rule.elapsed, rule.current, rule.previous)
    end,
    remaining = function(rule)
      return remaining(rule.limit, rule.window, rule.elapsed, rule.current, rule.previous)
    end,
    reset = function(rule)
      return reset(rule.window, rule.elapsed, rule.current, rule.previous)
    end,
    write = function(rule)
      write(rule.state, rule.mark, rule.window, rule.start, rule.current, rule.previous, rule.kept)
    end,
    take = function(rule)
      rule.current = rule.current + cost
    end,
    refund = function(rule)
      local given = min(cost, rule.current)
      rule.current = rule.current - given
      rule.previous = max(0, rule.previous - (cost - given))
    end,
    settle = function(rule)
      local windows_ago = (rule.start - (taken - taken % rule.window)) / rule.window
      if windows_ago <= 0 then
        rule.current = settled(rule.current, rule.limit, 1)
      elseif windows_ago == 1 then
        rule.previous = settled(rule.previous, rule.limit, 1)
      end
    end,
  }
end
