-- Sliding window log: a ZSET of one entry per unit of cost, scored by its time.
local function make_log()
  local function keep_log(rule, lasts)
    if redis_call('PTTL', rule.state) < lasts then
      redis_call('PEXPIRE', rule.state, lasts + rule.window)
    end
  end

  local function add_entries(rule, at, from, to)
    for first = from, to, 1000 do
      local entries = {}
      for number = first, min(to, first + 999) do
        entries[#entries + 1] = at
        entries[#entries + 1] = reservation .. ':' .. number
      end
      redis_call('ZADD', rule.state, unpack(entries))
    end
    keep_log(rule, at + rule.window - now_ms)
  end

  local function remove_entries(rule, from, to)
    for number = from, to do
      redis_call('ZREM', rule.state, reservation .. ':' .. number)
    end
  end

  -- Entries of the future: the clock went back. They are of now, and fade from now on.
  local function bring_back(rule)
    local entries = redis_call('ZRANGEBYSCORE', rule.state, '(' .. now_ms, '+inf')
    for _, entry in ipairs(entries) do
      redis_call('ZADD', rule.state, now_ms, entry)
    end
    keep_log(rule, rule.window)
  end

  return {
    read = function(rule)
      rule.after, rule.used, rule.newest = '(' .. now_ms - rule.window, 0, 0
      local newest = redis_call('ZREVRANGE', rule.state, 0, 0, 'WITHSCORES')[2]
      if newest and newest + rule.window > now_ms then
        rule.newest = tonumber(newest)
        if rule.newest > now_ms then
          bring_back(rule)
          rule.newest = now_ms
        end
        rule.used = redis_call('ZCOUNT', rule.state, rule.after, '+inf')
      end
    end,
    retry = function(rule)
      local excess = rule.used + cost - rule.limit
      if excess <= 0 then
        return 0
      end
      local entry = redis_call('ZRANGEBYSCORE', rule.state, rule.after, '+inf', 'WITHSCORES', 'LIMIT', excess - 1, 1)
      return entry[2] + rule.window - now_ms
    end,
    remaining = function(rule)
      return rule.limit - rule.used
    end,
    reset = function(rule)
      return rule.used > 0 and rule.newest + rule.window - now_ms or 0
    end,
    take = function(rule)
      redis_call('ZREMRANGEBYSCORE', rule.state, '-inf', now_ms - rule.window)
      add_entries(rule, now_ms, 1, cost)
      rule.used, rule.newest = rule.used + cost, now_ms
    end,
    refund = function(rule)
      if reservation == '' and cost > 0 then
        redis_call('ZREMRANGEBYRANK', rule.state, -cost, -1)
      else
        remove_entries(rule, 1, cost)
      end
    end,
    settle = function(rule)
      remove_entries(rule, actual + 1, cost)
      if taken + rule.window > now_ms then
        add_entries(rule, taken, cost + 1, min(actual, cost + max(0, rule.limit - rule.used)))
      end
    end,
  }
end
