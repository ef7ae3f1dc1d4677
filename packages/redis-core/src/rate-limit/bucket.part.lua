-- Token bucket: "<used> <at (ms)> <window> <fills up in (ms)>". A token is `window` units of use, a millisecond takes
-- `rate` of them back, so that all figures are whole and exact. The key expires at the end of the stretch after that of
-- `at`; stretches are as long as an empty bucket takes to fill up, and begin at multiples of that since 1970.
local function make_bucket()
  -- How whole numbers divide, rounded up: a call of `math.ceil` costs more.
  local function divide_up(a, b)
    local over = a % b
    return over == 0 and a / b or (a - over) / b + 1
  end

  -- The figures of a rule that states end with, and how long its bucket takes to fill up.
  local function terms_of(capacity, window, rate)
    local fill = divide_up(capacity, rate)
    return format(' %d %d', window, fill), fill
  end

  -- Gives the use that is left, whether the key's expiry is right, whether the clock went back, and whether there may
  -- be a control.
  local function read(state, capacity, window, rate, terms, fill)
    local saved = redis_call('GET', state)
    if not saved then
      return 0, false, false, true
    end
    local used, at, saved_terms = match(saved, '^!?(%d+) (%d+)(.+)$')
    used, at = tonumber(used), tonumber(at)
    local kept = saved_terms == terms
    if kept then
      kept = at - at % fill == now_ms - now_ms % fill
    else
      local unit = tonumber(match(saved_terms, '%d+'))
      if unit ~= window then
        used = ceil(used * window / unit)
      end
    end
    if used > capacity then
      used = capacity
    end
    -- Of the future: the clock went back. It drains from now on.
    if at < now_ms then
      used = used - (now_ms - at) * rate
      if used < 0 then
        used = 0
      end
    end
    return used, kept, at > now_ms, byte(saved) == 33
  end

  local function write(state, mark, used, terms, fill, kept)
    if used == 0 then
      redis_call('DEL', state)
      return
    end
    local text = format('%s%d %d%s', mark, used, now_ms, terms)
    if kept then
      redis_call('SET', state, text, 'KEEPTTL')
    else
      redis_call('SET', state, text, 'PX', 2 * fill - now_ms % fill)
    end
  end

  local function retry(capacity, window, rate, used)
    local lacking = used + cost * window - capacity
    return lacking > 0 and divide_up(lacking, rate) or 0
  end

  local function remaining(capacity, window, used)
    local room = capacity - used
    return (room - room % window) / window
  end

  -- For a call of this rule alone: what the functions below do, or `nil` where only they can.
  local function decide(rule, state, control)
    local window, rate = rule.declared_window, rule.declared_rate
    local capacity, terms, fill = rule.declared_capacity, rule.declared_terms, rule.declared_fill
    if not terms then
      capacity = rule.declared_limit * window
      terms, fill = terms_of(capacity, window, rate)
      rule.declared_capacity, rule.declared_terms, rule.declared_fill = capacity, terms, fill
    end
    local used, kept, moved, unsure = read(state, capacity, window, rate, terms, fill)
    if unsure and redis_call('GET', control) then
      return nil
    end
    local retry = retry(capacity, window, rate, used)
    if retry == 0 and cost > 0 then
      used = used + cost * window
      write(state, '', used, terms, fill, kept)
    elseif moved then
      write(state, '', used, terms, fill, kept)
    end
    return { now_ms, remaining(capacity, window, used), retry, divide_up(used, rate) }
  end

  return {
    decide = decide,
    read = function(rule)
      local capacity, window, rate = rule.limit * rule.window, rule.window, rule.rate
      rule.capacity, rule.terms, rule.fill = capacity, terms_of(capacity, window, rate)
      rule.used, rule.kept, rule.moved = read(rule.state, capacity, window, rate, rule.terms, rule.fill)
    end,
    retry = function(rule)
      return retry(rule.capacity, rule.window, rule.rate, rule.used)
    end,
    remaining = function(rule)
      return remaining(rule.capacity, rule.window, rule.used)
    end,
    reset = function(rule)
      return divide_up(rule.used, rule.rate)
    end,
    write = function(rule)
      write(rule.state, rule.mark, rule.used, rule.terms, rule.fill, rule.kept)
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
