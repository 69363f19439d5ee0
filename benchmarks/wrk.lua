-- Sends the requests of a file, one after the other, each once: `length\n` and as many bytes.
local requests, at = {}, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for size in file:lines() do
    requests[#requests + 1] = file:read(tonumber(size))
  end
  file:close()
end

function request()
  at = at + 1
  -- Run dry: the round is void, which the unreadable answer to this says.
  return requests[at] or "GET /run-dry HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
end

function done(summary, latency, _)
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %.3f, "p99": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
