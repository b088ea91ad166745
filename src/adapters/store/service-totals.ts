import { performance } from 'node:perf_hooks'
import type { ServiceTotals } from '../../domain/otp/challenge-store.ts'
import type { Database } from './open-database.ts'

const maxAgeMs = 1000

type TotalsRow = { kind: 'service' | 'region' | 'prefix' | 'guesses'; key: string; hour: number; day: number }

/** Reads what has happened in the whole service, at most once a second however many ask. */
export function serviceTotals(
  database: Database,
): (region: string, prefix: string) => Promise<ServiceTotals> {
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<Map<string, TotalsRow>> | undefined

  const read = async (): Promise<Map<string, TotalsRow>> => {
    const rows = await database.rows<TotalsRow>(totalsSql, [])
    return new Map(rows.map((row) => [`${row.kind} ${row.key}`, row]))
  }

  return async (region, prefix) => {
    if (reading === undefined || performance.now() - readAt > maxAgeMs) {
      readAt = performance.now()
      reading = read()
      reading.catch(() => {
        reading = undefined
      })
    }
    const rows = await reading
    const of = (key: string): TotalsRow | undefined => rows.get(key)
    return {
      sendsHour: of('service ')?.hour ?? 0,
      sendsDay: of('service ')?.day ?? 0,
      regionSendsHour: of(`region ${region}`)?.hour ?? 0,
      regionSendsDay: of(`region ${region}`)?.day ?? 0,
      prefixSendsHour: of(`prefix ${prefix}`)?.hour ?? 0,
      wrongGuessesHour: of('guesses ')?.hour ?? 0,
    }
  }
}

// Prefixes that were quiet for an hour are left out: there may be many of them, and their budget is by the hour.
const totalsSql = `
  with recent as (
    select region, prefix, at > clock_timestamp() - interval '1 hour' as is_hour
      from portero.sends where at > clock_timestamp() - interval '1 day'
  ), summed as (
    select grouping(region) as no_region, grouping(prefix) as no_prefix, region, prefix,
           count(*) filter (where is_hour)::int as hour, count(*)::int as day
      from recent group by grouping sets ((), (region), (prefix))
  )
  select case when no_region = 0 then 'region' when no_prefix = 0 then 'prefix' else 'service' end as kind,
         coalesce(region, prefix, '') as key, hour, day
    from summed where no_prefix = 1 or hour > 0
  union all
  select 'guesses', '', count(*)::int, 0 from portero.guesses where at > clock_timestamp() - interval '1 hour'`
