/**
 * The form of a script that runs many of its calls, one after the other, in one run. `definitions` are made once,
 * `call` is the part that each call runs with its own KEYS and ARGV; both are Lua.
 *
 * ARGV[1] is the clock, ARGV[2] the number of calls; then come the arguments of one call after the other, as its
 * KEYS do, each call with as many as the next. The reply has the faults first, as lines `<index> <message>`, then
 * each call's reply. A call that fails hurts no other.
 */
export function manyCallsSource(definitions: string, call: string): string {
  return `${definitions}local function call(KEYS, ARGV)
${call}end
local clock, calls = ARGV[1], tonumber(ARGV[2])
local keys_each, args_each = #KEYS / calls, (#ARGV - 2) / calls
local replies, faults = {}, {}
for number = 1, calls do
  local key, arg = (number - 1) * keys_each, 2 + (number - 1) * args_each
  local done, reply = pcall(call, { unpack(KEYS, key + 1, key + keys_each) },
    { clock, unpack(ARGV, arg + 1, arg + args_each) })
  if not done or type(reply) == 'table' and reply.err then
    local message = type(reply) == 'table' and reply.err or tostring(reply)
    faults[#faults + 1] = number - 1 .. ' ' .. string.gsub(message, '\\n', ' ')
    reply = false
  end
  replies[number + 1] = reply or false
end
replies[1] = table.concat(faults, '\\n')
return replies
`;
}
