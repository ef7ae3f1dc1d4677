-- Fixed window: one whole number, which Redis raises in place: 1 + the last 21 bits of the window's number, then 31
-- bits of count. While an override has another window: "<start of the window (ms)> <count in it>".
local function make_fixed()
  local windows, counts = 2097152, 2147483648

  -- The expiry only cleans up, a second later than it might.
  local function lasts(window, left)
    return left + min(window, 1000)
  end

  -- What stands before the count. Never 0, which a key that was not there begins with.
  local function mark_of(window, start)
    return start / window % windows + 1
  end

  local function value_of(window, start, count)
    return format('%d', mark_of(window, start) * counts + count)
  end

  -- Gives the start of the window that was saved, and the count in it.
  local function parse(saved, declared_window)
    local from, count = match(saved, '^!?(%d+) (%d+)$')
    if from then
      return tonumber(from), tonumber(count)
    end
    local value, present = tonumber(match(saved, '%d+')), floor(now_ms / declared_window)
    count = value % counts
    -- The nearest window whose number ends so.
    local ahead = ((value - count) / counts - 1 - present) % windows
    return (present + (ahead < windows / 2 and ahead or ahead - windows)) * declared_window, count
  end

  local function read(rule)
    local window = rule.window
    rule.start, rule.count = now_ms - now_ms % window, 0
    rule.left, rule.kept = rule.start + window - now_ms, false
    local saved = redis_call('GET', rule.state)
    if saved then
      local from, count = parse(saved, rule.declared_window)
      if from >= rule.start then
        -- A window of the future: the clock went back. Its count is this window's now.
        rule.count, rule.kept, rule.moved = count, from == rule.start, from > rule.start
      end
    end
  end

  local function write(rule)
    local text
    if rule.count == 0 then
      redis_call('DEL', rule.state)
      return
    elseif rule.window == rule.declared_window then
      text = rule.mark .. value_of(rule.window, rule.start, rule.count)
    else
      text = format('%s%d %d', rule.mark, rule.start, rule.count)
    end
    if rule.kept then
      -- Its expiry is that of its window already, and setting one is the dearer half of a SET.
      redis_call('SET', rule.state, text, 'KEEPTTL')
    else
      redis_call('SET', rule.state, text, 'PX', lasts(rule.window, rule.left))
    end
  end

  -- For a call of this rule alone: what the functions below do, or `nil` where only they can.
  local function decide(rule, state, control)
    if cost == 0 then
      return nil
    end
    local limit, window = rule.declared_limit, rule.declared_window
    local start = now_ms - now_ms % window
    local left = start + window - now_ms
    local value = redis.pcall('INCRBY', state, cost)
    if type(value) ~= 'number' then
      return nil
    end
    local count = value % counts
    if (value - count) / counts == mark_of(window, start) then
      if count <= limit then
        return { now_ms, limit - count, 0, left }
      end
      redis_call('DECRBY', state, cost)
      return { now_ms, max(0, limit - count + cost), left, left }
    elseif value == cost and not redis_call('GET', control) then
      redis_call('SET', state, value_of(window, start, cost), 'PX', lasts(window, left))
      return { now_ms, limit - cost, 0, left }
    end
    if value == cost then
      redis_call('DEL', state)
    else
      redis_call('DECRBY', state, cost)
    end
    return nil
  end

  return {
    decide = decide,
    read = read,
    retry = function(rule)
      return rule.count + cost <= rule.limit and 0 or rule.left
    end,
    remaining = function(rule)
      return rule.limit - rule.count
    end,
    reset = function(rule)
      return rule.count > 0 and rule.left or 0
    end,
    write = write,
    take = function(rule)
      rule.count = rule.count + cost
    end,
    refund = function(rule)
      rule.count = max(0, rule.count - cost)
    end,
    settle = function(rule)
      if taken >= rule.start then
        rule.count = settled(rule.count, rule.limit, 1)
      end
    end,
  }
end
