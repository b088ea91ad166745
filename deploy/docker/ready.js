// Ends with 0 when the Portero of this container is ready, with 1 when it is not: the image's health check.
const port = process.env.PORT || process.env.PORTERO_LISTEN__PORT || 8081
const answer = await fetch(`http://127.0.0.1:${port}/_portero/ready`, {
  signal: AbortSignal.timeout(4000),
}).catch(() => undefined)
process.exitCode = answer?.ok ? 0 : 1
