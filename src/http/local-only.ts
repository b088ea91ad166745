import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '../domain/errors.ts'

/** What proxies and tunnels write, and a program on this machine does not. */
const forwardingHeader =
  /^(?:forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*|fly-.*|ngrok-.*)$/

/** Lets through what names a loopback host and was passed on by nobody; refuses the rest with `demo_is_local`. */
export function requireLocal(headers: IncomingHttpHeaders): void {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  const isLoopback = /^(?:(?:[\w-]+\.)*localhost\.?|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/.test(host)
  if (!isLoopback || Object.keys(headers).some((name) => forwardingHeader.test(name))) {
    throw new Refusal('demo_is_local')
  }
}
