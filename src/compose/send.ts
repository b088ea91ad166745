import { fetch } from 'undici'
import type { Fetch } from '../adapters/vendors/post.ts'

/** How requests to others get out. The same as the `fetch` of Node in all that is used of it; the types differ in what they say of bodies. */
export const send = fetch as unknown as Fetch
