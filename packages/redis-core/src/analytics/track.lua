-- Counts the page views of one UTC hour, once per batch and once per event id.
-- KEYS[1] hour
-- KEYS[2] hour_visitors
-- KEYS[3] previous_hour
-- KEYS[4] day
-- KEYS[5] day_visitors
-- KEYS[6] previous_day (that of the previous hour)
-- KEYS[7] members
-- KEYS[8] recent
-- KEYS[9] page_hours
-- KEYS[10] evicted
-- KEYS[11] batch
-- KEYS[12] pages
-- KEYS[13] pages_missed
-- KEYS[14] pages_candidates
-- KEYS[15] referrers
-- KEYS[16] referrers_missed
-- KEYS[17] referrers_candidates
-- KEYS[18] countries
-- KEYS[19] countries_missed
-- KEYS[20] countries_candidates
-- KEYS[21] devices
-- KEYS[22] devices_missed
-- KEYS[23] devices_candidates
-- KEYS[24] browsers
-- KEYS[25] browsers_missed
-- KEYS[26] browsers_candidates
-- KEYS[...] per view: its visitor, its page's visitors, its event (any key of the site without an id);
--   then per page to sweep: its visitors
-- ARGV[1] now
-- ARGV[2] batch_ttl (ms)
-- ARGV[3] event_ttl (ms)
-- ARGV[4] hour_index (hours since 1970)
-- ARGV[5] slice (30-second slices since 1970, that of now)
-- ARGV[6] visit_window (ms)
-- ARGV[7] keep_hours (ms)
-- ARGV[8] keep_days (ms)
-- ARGV[9] keep_pages (ms)
-- ARGV[10] most_evicted (pages that may wait for their sweep)
-- ARGV[11] most_pages
-- ARGV[12] most_referrers
-- ARGV[13] most_countries
-- ARGV[14] most_devices
-- ARGV[15] most_browsers
-- ARGV[16] count (views)
-- ARGV[...] per view: at (ms; 0 or less is the age), visitor, member or '', page, 1 with an event id or 0,
--   referrer, country, device, browser; then per page to sweep: the page
-- RETURNS {"ok", a digit per view (1 counted, 0 seen before), pages to sweep} or {"clock", now} when a view is
--   not of the hour, or the slice not near now; then nothing was changed
-- ATOMIC because the figures of hour, day and labels must agree, and the batch be remembered with what it did.
local hour, hour_visitors, previous_hour = KEYS[1], KEYS[2], KEYS[3]
local day, day_visitors, previous_day = KEYS[4], KEYS[5], KEYS[6]
local members, recent, page_hours, evicted, batch = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local batch_ttl, event_ttl, hour_index, slice = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local visit_window, most_evicted, count = tonumber(ARGV[6]), tonumber(ARGV[10]), tonumber(ARGV[16])
local hour_ms, slice_ms, recent_ms, most_at_once = 3600000, 30000, 360000, 1000
local named_keys, named_args, args_per_view = 26, 16, 9
-- Two counts in one score: the first times this, and the second. Both stay below 2^26.
local unit = 67108864
-- Candidates beside the listed labels, at least this many: one with more than a hundredth of their views is kept.
local more_candidates = 100
local call, floor = redis.call, math.floor

local function whole(number)
  return string.format('%.0f', number)
end

local answered = call('GET', batch)
if answered then
  return { 'ok', answered }
end

local times = {}
for i = 1, count do
  local at = tonumber(ARGV[named_args + (i - 1) * args_per_view + 1])
  if at <= 0 then
    at = now_ms + at
  end
  if floor(at / hour_ms) ~= hour_index then
    return { 'clock', whole(now_ms) }
  end
  times[i] = at
end
if math.abs(floor(now_ms / slice_ms) - slice) > 1 then
  return { 'clock', whole(now_ms) }
end

local hour_end = (hour_index + 1) * hour_ms
local day_end = (floor(hour_index / 24) + 1) * 24 * hour_ms
local function ttl_of(bucket_end, keep)
  return whole(math.max(1, bucket_end + tonumber(keep) - now_ms))
end
local hour_ttl, day_ttl, page_ttl = ttl_of(hour_end, ARGV[7]), ttl_of(day_end, ARGV[8]), ttl_of(day_end, ARGV[9])

local function count_visitors(key, visitors, ttl)
  for first = 1, #visitors, most_at_once do
    local last = math.min(first + most_at_once - 1, #visitors)
    if call('PFADD', key, unpack(visitors, first, last)) == 1 then
      call('PEXPIRE', key, ttl)
    end
  end
end

-- Drops what pages that left the list have left behind.
for i = 1, #KEYS - named_keys - count * 3 do
  if call('ZREM', evicted, ARGV[named_args + count * args_per_view + i]) == 1 then
    call('UNLINK', KEYS[named_keys + count * 3 + i])
  end
end

local flags = {}
local views, visits, bounces, spent, bounces_undone = 0, 0, 0, 0, 0
local visitors, recent_visitors, active = {}, {}, {}
local page_keys = {}
local by_label = { {}, {}, {}, {}, {} }
local page_visitors = {}

local function follow_visit(key, at)
  local last, single = string.match(call('GET', key) or '', '^(%d+) ([01])$')
  last = tonumber(last)
  local gap = last and at - last
  if not gap or gap >= visit_window or gap <= -visit_window then
    visits, bounces = visits + 1, bounces + 1
    call('SET', key, whole(at) .. ' 1', 'PX', ARGV[6])
    return
  end
  if single == '1' then
    local began = floor(last / hour_ms)
    if began == hour_index then
      bounces, single = bounces - 1, '0'
    elseif began == hour_index - 1 then
      bounces_undone, single = bounces_undone + 1, '0'
    end
  end
  spent = spent + math.max(0, gap)
  call('SET', key, whole(math.max(last, at)) .. ' ' .. single, 'PX', ARGV[6])
end

for i = 1, count do
  local a, k = named_args + (i - 1) * args_per_view + 1, named_keys + (i - 1) * 3 + 1
  if ARGV[a + 4] == '1' and not call('SET', KEYS[k + 2], '', 'NX', 'PX', event_ttl) then
    flags[i] = '0'
  else
    flags[i] = '1'
    local at, visitor, page = times[i], ARGV[a + 1], ARGV[a + 3]
    views = views + 1
    visitors[#visitors + 1] = visitor
    if now_ms - at < recent_ms then
      recent_visitors[#recent_visitors + 1] = visitor
    end
    if ARGV[a + 2] ~= '' then
      active[#active + 1] = ARGV[a + 2]
    end
    follow_visit(KEYS[k], at)
    page_keys[page] = KEYS[k + 1]
    local of_page = page_visitors[page]
    if not of_page then
      of_page = {}
      page_visitors[page] = of_page
    end
    of_page[#of_page + 1] = visitor
    by_label[1][page] = #of_page
    for d = 2, 5 do
      local label = ARGV[a + 3 + d]
      by_label[d][label] = (by_label[d][label] or 0) + 1
    end
  end
end

local function add_figures(key, ttl)
  if call('HINCRBY', key, 'views', views) == views then
    call('PEXPIRE', key, ttl)
  end
  if visits > 0 then
    call('HINCRBY', key, 'visits', visits)
  end
  if bounces ~= 0 then
    call('HINCRBY', key, 'bounces', bounces)
  end
  if spent > 0 then
    call('HINCRBY', key, 'spent', whole(spent))
  end
end

-- A page that leaves the list takes its hours with it; its visitors go when its key is at hand.
local function drop_page(page)
  local fields = {}
  for h = 0, 23 do
    fields[h + 1] = string.format('%02d:', h) .. page
  end
  call('HDEL', page_hours, unpack(fields))
  if page_keys[page] then
    call('UNLINK', page_keys[page])
  else
    call('ZADD', evicted, 0, page)
    call('PEXPIRE', evicted, page_ttl)
  end
end

-- Counts a label that is not listed, by Space-Saving (Metwally et al., 2005): a newcomer to a full set takes the
-- place of the lowest and inherits its count as an error. Gives what is known to be its own, and the error.
local function count_candidate(candidates, label, n, most, ttl)
  local score = tonumber(call('ZADD', candidates, 'XX', 'INCR', whole(n * unit), label) or nil)
  if not score then
    local inherited = 0
    if call('ZCARD', candidates) >= most then
      inherited = math.min(floor(tonumber(call('ZPOPMIN', candidates)[2]) / unit), unit - 1)
    end
    score = (inherited + n) * unit + inherited
    call('ZADD', candidates, whole(score), label)
    call('PEXPIRE', candidates, ttl)
  end
  local counted, inherited = floor(score / unit), score % unit
  return counted - inherited, inherited
end

-- The lowest of the list becomes a candidate; its count is at least that of those which were forgotten before.
local function make_candidate(candidates, label, known, most)
  local counted = known
  if call('ZCARD', candidates) >= most - 1 then
    local lowest = call('ZRANGE', candidates, 0, 0, 'WITHSCORES')
    counted = math.max(known, floor(tonumber(lowest[2] or 0) / unit))
  end
  call('ZADD', candidates, whole(counted * unit + counted - known), label)
end

-- A full list gives up its lowest label only for one that is known to have more views. What that one had before is
-- remembered as missed. True when the label is listed.
local function add_to_list(d, label, n, ttl)
  local list, missed, candidates = KEYS[9 + d * 3], KEYS[10 + d * 3], KEYS[11 + d * 3]
  local most = tonumber(ARGV[10 + d])
  local most_candidates = most + more_candidates
  if call('ZADD', list, 'XX', 'INCR', n, label) then
    return true
  end
  local size = call('ZCARD', list)
  if size < most then
    call('ZADD', list, n, label)
    if size == 0 then
      call('PEXPIRE', list, ttl)
    end
    return true
  end
  local known, inherited = count_candidate(candidates, label, n, most_candidates, ttl)
  local lowest = call('ZRANGE', list, 0, 0, 'WITHSCORES')
  if known <= tonumber(lowest[2]) or (d == 1 and call('ZCARD', evicted) >= most_evicted) then
    return false
  end
  call('ZREM', candidates, label)
  make_candidate(candidates, lowest[1], tonumber(lowest[2]), most_candidates)
  call('PEXPIRE', candidates, ttl)
  call('ZREM', list, lowest[1])
  call('ZREM', missed, lowest[1])
  call('ZADD', list, known, label)
  call('ZADD', missed, whole((known - n) * unit + inherited), label)
  call('PEXPIRE', list, ttl)
  call('PEXPIRE', missed, ttl)
  if d == 1 then
    drop_page(lowest[1])
    if call('ZREM', evicted, label) == 1 then
      call('UNLINK', page_keys[label])
    end
  end
  return true
end

if views > 0 then
  add_figures(hour, hour_ttl)
  add_figures(day, day_ttl)
  if bounces_undone > 0 then
    for _, key in ipairs({ previous_hour, previous_day }) do
      if call('EXISTS', key) == 1 then
        call('HINCRBY', key, 'bounces', -bounces_undone)
      end
    end
  end
  count_visitors(hour_visitors, visitors, hour_ttl)
  count_visitors(day_visitors, visitors, day_ttl)
  count_visitors(recent, recent_visitors, recent_ms)
  count_visitors(members, active, day_ttl)
  local hour_of_day = string.format('%02d:', hour_index % 24)
  for page, n in pairs(by_label[1]) do
    if add_to_list(1, page, n, page_ttl) then
      if call('HINCRBY', page_hours, hour_of_day .. page, n) == n then
        call('PEXPIRE', page_hours, page_ttl)
      end
      count_visitors(page_keys[page], page_visitors[page], page_ttl)
    end
  end
  for d = 2, 5 do
    for label, n in pairs(by_label[d]) do
      add_to_list(d, label, n, day_ttl)
    end
  end
end

local answer = table.concat(flags)
call('SET', batch, answer, 'PX', batch_ttl)
return { 'ok', answer, unpack(call('ZRANGE', evicted, 0, 99)) }
