import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { LinkAsked } from '../../src/domain/recognition/link-store.ts'
import { memoryHouse, newDocument } from '../support/memory-house.ts'
import { atOnce, challengeRequest, newPhone, tally, wideBudgets } from '../support/samples.ts'
import { signedIn } from '../support/signed-in.ts'
import type { Stores } from '../support/stores.ts'

const right = [{ keyId: 'key', proof: Buffer.from('right') }]
const wrong = [{ keyId: 'key', proof: Buffer.from('wrong') }]

/** What every store of links promises that takes more than a document (domain/recognition/link-store.ts). */
export function linkStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of links that take more than a document`, () => {
    const house = memoryHouse(open)
    const { recognition, person, logOf } = house
    const links = () => house.stores.linkStore

    const ask = (phone: PhoneNumber, about: string | { personId: string }, over: Partial<LinkAsked> = {}) =>
      links().ask({
        ...{
          phone,
          isProof: true,
          mode: 'code',
          locale: 'es',
          region: 'BR',
          chatSendsPerDay: 3,
          chatSendsPerHour: 10_000,
        },
        about: typeof about === 'string' ? { document: about, documentsADay: 5 } : about,
        code: {
          ...{ id: randomBytes(16).toString('base64url'), salt: randomBytes(16), keyId: 'key' },
          ...{ proof: right[0]!.proof, ttlSeconds: 300, triesMax: 5 },
        },
        way: { channel: 'sms', provider: 'test' },
        ...{ phoneSends: wideBudgets.phoneSends, strangersWaitSeconds: 0, callSeconds: 15 },
        ...over,
      })
    /** Somebody with a number on record. */
    const known = async (nombre = 'Ana') => {
      const [own, { id, document }] = [newPhone(), await person(nombre)]
      await recognition().link(own, id, 'attested', 'api')
      return { own, id, document }
    }
    const sentTo = (answer: Awaited<ReturnType<typeof ask>>) =>
      'delivery' in answer ? answer.delivery?.to : undefined
    const linksOf = async (phone: PhoneNumber) =>
      house.stores.query('select person_id, belongs from portero.phone_people where phone = $1', [phone])

    describe('a code', () => {
      test('goes to the number on record, once while it lives, and makes the link attested and proved', async () => {
        const { own, id, document } = await known()
        const phone = newPhone()
        const asked = await ask(phone, document)
        expect(asked).toMatchObject({ outcome: 'asked', personId: id, isAlarming: false })
        expect(sentTo(asked)).toBe(own)
        expect(sentTo(await ask(phone, document))).toBeUndefined()
        expect((await recognition().recognise(phone)).person).toBeUndefined()
        expect(await links().answer(phone, wrong, true)).toEqual({ outcome: 'wrong_code' })
        expect(await links().answer(phone, right, true)).toMatchObject({
          ...{ outcome: 'linked', isRemembered: true, otherPhones: [own] },
          person: { id, firstName: 'Ana', belongs: 'attested', provedAt: expect.any(Date) },
        })
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id, belongs: 'attested' } })
        expect(await links().answer(phone, right, true)).toEqual({ outcome: 'no_code' })
        expect(await logOf(phone)).toContain('link_code_answered linked')
      })

      test('a hundred right answers at once make one link event; of a hundred wrong ones five are compared', async () => {
        const { document } = await known()
        const phone = newPhone()
        await ask(phone, document)
        const answers = await atOnce(100, () => links().answer(phone, right, true))
        expect(tally(answers.map(({ outcome }) => outcome))).toEqual({ linked: 1, no_code: 99 })
        expect((await logOf(phone)).filter((line) => line === 'link_code_answered linked')).toHaveLength(1)

        const other = newPhone()
        await ask(other, document)
        const guesses = await atOnce(100, () => links().answer(other, wrong, true))
        expect(tally(guesses.map(({ outcome }) => outcome))).toEqual({ wrong_code: 5, no_code: 95 })
        expect(await links().answer(other, right, true)).toEqual({ outcome: 'no_code' })
      })

      test('fifty askings at once send one message', async () => {
        const { document } = await known()
        const phone = newPhone()
        const asked = await atOnce(50, () => ask(phone, document))
        expect(asked.filter((one) => sentTo(one) !== undefined)).toHaveLength(1)
      })

      test('is over after five minutes, and when another document replaces it', async () => {
        const [ana, eva] = [await known('Ana'), await known('Eva')]
        const phone = newPhone()
        await ask(phone, ana.document)
        await house.stores.query('update portero.link_codes set expires_at = now() where asker = $1', [phone])
        expect(await links().answer(phone, right, true)).toEqual({ outcome: 'no_code' })
        await ask(phone, ana.document)
        await ask(phone, eva.document)
        expect(await links().answer(phone, right, true)).toMatchObject({ person: { id: eva.id } })
      })

      test('is good for whoever asked, in the conversation in which they did', async () => {
        const { document } = await known()
        const phone = newPhone()
        await ask(phone, document)
        expect(await links().answer(newPhone(), right, true)).toEqual({ outcome: 'no_code' })
        expect(await links().answer(phone, right, false)).toEqual({ outcome: 'no_code' })
        await ask(phone, document, { isProof: false })
        expect(await links().answer(phone, right, true)).toMatchObject({ outcome: 'linked' })
      })

      test('over a channel that proves nothing attests nothing, and turns no memory that was proved', async () => {
        const { id, document } = await known()
        const [empty, taken] = [newPhone(), newPhone()]
        await ask(empty, document, { isProof: false })
        expect(await links().answer(empty, right, false)).toMatchObject({
          ...{ outcome: 'linked', isRemembered: true, person: { belongs: 'declared', provedAt: undefined } },
        })
        const { id: other, document: others } = await person('Eva')
        await house.declare(taken, others)
        await ask(taken, document, { isProof: false })
        expect(await links().answer(taken, right, false)).toMatchObject({
          ...{ outcome: 'linked', isRemembered: false, person: { id } },
        })
        expect(await recognition().recognise(taken)).toMatchObject({ person: { id: other } })
        expect(await linksOf(taken)).toEqual([{ person_id: other, belongs: 'declared' }])
      })

      test('on a phone that is nobody’s own attests and remembers nothing', async () => {
        const { id, document } = await known()
        const desk = newPhone()
        await recognition().setShared(desk, true)
        await ask(desk, document)
        expect(await links().answer(desk, right, true)).toMatchObject({
          ...{ outcome: 'linked', isRemembered: false, person: { id, belongs: 'declared' } },
        })
        expect(await linksOf(desk)).toEqual([])
      })

      test('goes to nobody who has no number, was idle, is blocked or frozen, or has only this one', async () => {
        const nobody = newDocument()
        const without = (await person()).document
        const idle = await known()
        await house.stores.query(
          `with l as (update portero.phone_people set last_used_at = now() - interval '181 days' where phone = $1)
           update public.telefono_usuario set ultimo_acceso = now() - interval '181 days' where telefono = $1`,
          [idle.own],
        )
        const blocked = await known()
        await house.stores.peopleStore.setState(blocked.id, 'blocked')
        const frozen = await known()
        await recognition().disown(frozen.own, frozen.id)
        const spread = await known()
        await house.declare(newPhone(), spread.document)
        for (const document of [nobody, without, idle.document, blocked.document, frozen.document])
          expect(sentTo(await ask(newPhone(), document))).toBeUndefined()
        // Asked by somebody who only says to be the number on record.
        expect(sentTo(await ask(spread.own, spread.document, { isProof: false }))).toBeUndefined()
        expect(sentTo(await ask(newPhone(), spread.document))).toBe(spread.own)
      })

      test('is sent to one phone three times a day by strangers of the chat, and keeps nobody from signing in', async () => {
        const { own, document } = await known()
        const sent = await atOnce(20, () => ask(newPhone(), document))
        expect(sent.filter((one) => sentTo(one) === own)).toHaveLength(3)
        // The web shows nothing of it: what strangers may ask for there is what it would be without.
        const phoneSends = [{ withinSeconds: 600, max: 5 }]
        const budgets = { ...wideBudgets, liveChallengesMax: 10 }
        const request = () =>
          house.stores.challengeStore.requestChallenge(
            challengeRequest(own, { budgets: { ...budgets, phoneSends } }),
          )
        const outcomes: string[] = []
        for (let i = 0; i < 6; i += 1) outcomes.push((await request()).outcome)
        expect(outcomes).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 'refused'])
        // And where those are spent already, none goes out from the chat.
        const busy = await known()
        for (let i = 0; i < 5; i += 1)
          await house.stores.challengeStore.requestChallenge(challengeRequest(busy.own, { budgets }))
        expect(sentTo(await ask(newPhone(), busy.document, { phoneSends }))).toBeUndefined()
      })

      test('goes out so often in an hour, from all chats together', async () => {
        const people = await atOnce(4, () => known())
        const [row] = await house.stores.query<{ count: number }>(
          'select count(*)::int as count from portero.link_codes where is_sent',
        )
        const chatSendsPerHour = row!.count + 2
        const sent: (string | undefined)[] = []
        for (const { document } of people)
          sent.push(sentTo(await ask(newPhone(), document, { chatSendsPerHour })))
        expect(sent.map((one) => one !== undefined)).toEqual([true, true, false, false])
      })

      test('is not worth a thing once the owner has said that it was not them, or was blocked', async () => {
        for (const [undo, outcome] of [
          [(own: PhoneNumber, id: string) => recognition().disown(own, id), 'no_code'],
          [(_: PhoneNumber, id: string) => house.stores.peopleStore.setState(id, 'blocked'), 'wrong_code'],
        ] as const) {
          const { own, id, document } = await known()
          const phone = newPhone()
          await ask(phone, document)
          await undo(own, id)
          expect(await links().answer(phone, right, true)).toEqual({ outcome })
          expect(await linksOf(phone)).toEqual([])
        }
      })

      test.each(['disowned', 'deleted'] as const)(
        'that is answered while its person is %s links nobody from then on, and fails nobody',
        async (undoing) => {
          for (let round = 0; round < 6; round += 1) {
            const { own, id, document } = await known()
            await signedIn(house.stores, own)
            const [notice] = await house.stores.query<{ nonce: string }>(
              'select nonce from portero.session_notices where phone = $1',
              [own],
            )
            const undo = {
              disowned: () => house.stores.noticeStore.disown({ phone: own, nonce: notice!.nonce }, 0),
              deleted: () => house.stores.query('delete from public.usuarios where id = $1', [id]),
            }
            const askers = Array.from({ length: 40 }, () => newPhone())
            await atOnce(40, (i) => ask(askers[i]!, document, { chatSendsPerDay: 100 }))
            expect((await links().answer(askers[0]!, right, true)).outcome).toBe('linked')
            const outcomes = await atOnce(101, async (i) => {
              if (i === 5 + round * 4) return void (await undo[undoing]())
              const proofs = undoing === 'deleted' || i % 2 === 0 ? right : wrong
              return (await links().answer(askers[i % 40]!, proofs, true)).outcome
            })
            const expected = ['linked', 'no_code', 'wrong_code', undefined]
            expect(outcomes.filter((outcome) => !expected.includes(outcome))).toEqual([])
            const lines = await house.stores.query<{ line: string }>(
              `select event || ' ' || outcome as line from portero.access_log
                where event = 'session_disowned' and phone = $1 or event = 'link_code_answered' and phone = any ($2) order by at`,
              [own, askers],
            )
            const log = lines.map(({ line }) => line)
            if (undoing === 'disowned')
              expect(log.lastIndexOf('link_code_answered linked')).toBeLessThan(
                log.indexOf('session_disowned ended'),
              )
            else expect((await atOnce(40, (i) => linksOf(askers[i]!))).flat()).toEqual([])
            for (const phone of askers)
              expect((await links().answer(phone, right, true)).outcome).not.toBe('linked')
          }
        },
        30_000,
      )

      test('talked out of somebody is taken back by “that was not me” from the phone to which it went, and by no other', async () => {
        const { own, id, document } = await known()
        const thief = newPhone()
        await ask(thief, document)
        await links().answer(thief, right, true)
        // Attested by now, the thief still cannot turn the owner out.
        await recognition().disown(thief, id)
        expect(await recognition().recognise(own)).toMatchObject({ person: { id, belongs: 'attested' } })
        const stolen = await signedIn(house.stores, thief)
        expect(stolen.person.id).toBe(id)
        expect(await recognition().disown(own, id)).toEqual({ outcome: 'unlinked', phones: [thief] })
        expect(await linksOf(thief)).toEqual([])
        expect(await house.stores.sessionStore.readSession(stolen.id)).toBeUndefined()
      })

      test('left by a process that died is sent once more, derived for whoever asked', async () => {
        const { own, document } = await known()
        const phone = newPhone()
        const asked = await ask(phone, document)
        const id = 'delivery' in asked ? asked.delivery!.id : ''
        await house.stores.query(
          `update portero.deliveries set calling_until = now() - interval '1 s' where id = $1`,
          [id],
        )
        const claimed = (await house.stores.deliveryStore.claimOrphanedDeliveries(15)).filter(
          (one) => one.id === id,
        )
        expect(claimed).toMatchObject([{ purpose: 'link', phone: own, codePhone: phone, digits: 6 }])
        expect(await house.stores.deliveryStore.claimOrphanedDeliveries(15)).toEqual([])
      })
    })

    describe('whether somebody has the document', () => {
      test.each(['code', 'proof', 'approval'] as const)('shows in nothing that is done: %s', async (mode) => {
        const tables = ['document_tries', 'link_codes', 'link_requests', 'sends', 'deliveries', 'access_log']
        const counts = async () => {
          const [row] = await house.stores.query(
            `select ${tables.map((table) => `(select count(*)::int from portero.${table}) as ${table}`).join(', ')}`,
          )
          return row as Record<string, number>
        }
        const { own, document } = await known()
        const blocked = await known()
        await house.stores.peopleStore.setState(blocked.id, 'blocked')
        const made: Record<string, number>[] = []
        const answers: object[] = []
        for (const [phone, typed, isProof] of [
          ...[[newPhone(), document, true] as const, [newPhone(), newDocument(), true] as const],
          ...[
            [newPhone(), blocked.document, true] as const,
            [newPhone(), (await person()).document, true] as const,
          ],
          ...[[newPhone(), document, false] as const, [own, document, false] as const],
        ]) {
          const before = await counts()
          const answer = await ask(phone, typed, { mode, isProof })
          const after = await counts()
          made.push(Object.fromEntries(tables.map((table) => [table, after[table]! - before[table]!])))
          answers.push({ outcome: answer.outcome, isAlarming: 'isAlarming' in answer && answer.isAlarming })
        }
        expect(new Set(made.map((one) => JSON.stringify(one))).size).toBe(1)
        expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(
          new Set(['{"outcome":"asked","isAlarming":false}']),
        )
      })

      test('is counted like any document: five a day, and the alarm', async () => {
        await house.stores.query('delete from portero.document_tries')
        const phone = newPhone()
        for (let i = 0; i < 5; i += 1) await ask(phone, newDocument())
        expect(await ask(phone, (await known()).document)).toMatchObject({ outcome: 'too_many_documents' })
        for (let i = 0; i < 14; i += 1)
          expect(await ask(newPhone(), newDocument())).toMatchObject({ isAlarming: false })
        expect(await ask(newPhone(), newDocument())).toMatchObject({ outcome: 'asked', isAlarming: true })
        await house.stores.query('delete from portero.document_tries')
      })
    })

    test.each(['code', 'proof', 'approval'] as const)(
      'the number on record that writes itself, proved, is linked at once: %s',
      async (mode) => {
        const { own, id, document } = await known()
        await recognition().forget(own, 'everybody')
        expect(await ask(own, document, { mode })).toMatchObject({
          ...{ outcome: 'linked', isRemembered: true },
          person: { id, belongs: 'attested', provedAt: expect.any(Date) },
        })
        expect(await recognition().recognise(own)).toMatchObject({ person: { id } })
        await house.stores.query(
          `update portero.phone_people set last_used_at = now() - interval '181 days', seen_at = null where phone = $1`,
          [own],
        )
        await house.ageBy(own, 181)
        expect(await ask(own, document, { mode })).toMatchObject({ outcome: 'asked' })
      },
    )

    describe('the way up', () => {
      test('is a code to another number on record, never to the one that writes', async () => {
        const { own, id, document } = await known()
        const phone = newPhone()
        await house.declare(phone, document)
        const asked = await ask(phone, { personId: id })
        expect([asked.outcome, sentTo(asked)]).toEqual(['asked', own])
        expect(await ask(phone, { personId: id })).toMatchObject({ outcome: 'asked', delivery: undefined })
        expect(await links().answer(phone, right, true)).toMatchObject({
          person: { id, belongs: 'attested' },
        })

        const alone = await person()
        const only = newPhone()
        await house.declare(only, alone.document)
        for (let i = 0; i < 2; i += 1)
          expect(await ask(only, { personId: alone.id })).toMatchObject({ outcome: 'no_number' })
        expect(await links().answer(only, right, true)).toEqual({ outcome: 'wrong_code' })
      })

      test('is none for whom this phone does not speak, nor for who proves nothing', async () => {
        const { id, document } = await known()
        expect(await ask(newPhone(), { personId: id })).toMatchObject({ outcome: 'no_number' })
        const phone = newPhone()
        await house.declare(phone, document)
        expect(await ask(phone, { personId: id }, { isProof: false })).toMatchObject({ outcome: 'no_number' })
      })
    })

    describe('a request for approval', () => {
      test('is told to a program once somebody can be linked by it: mistyped first, and of another person then', async () => {
        const [{ document, id }, eva] = [await person('Ana'), await person('Eva')]
        const phone = newPhone()
        await house.stores.query('select portero.want_events(true)')
        const told = async () =>
          (
            await house.stores.query(
              `select data ->> 'person_id' as id from portero.events where type = 'request.opened' and subject = $1 order by happened_at`,
              [phone],
            )
          ).map((row) => row.id)
        const types = (typed: string) => ask(phone, typed, { mode: 'approval' })
        await types(newDocument())
        expect(await told()).toEqual([])
        await types(document)
        await types(document)
        expect(await told()).toEqual([id])
        await types(newDocument())
        expect(await told()).toEqual([id])
        await types(eva.document)
        for (const typed of [document, eva.document, document]) await types(typed)
        expect(await told()).toEqual([id, eva.id])
        const [request] = await house.stores.query(
          `select id from portero.link_requests where phone = $1 and state = 'waiting'`,
          [phone],
        )
        await links().decideRequest(request!.id, true)
        await house.stores.query('select portero.want_events(false)')
        expect(await told()).toEqual([id, eva.id])
      })

      const waiting = async (phone: PhoneNumber) =>
        (await links().listRequests()).requests.filter((one) => one.phone === phone)

      test('of fifty at once is one, and is told once', async () => {
        const { id, document } = await known()
        const phone = newPhone()
        await house.stores.query('select portero.want_events(true)')
        const asked = await atOnce(50, () => ask(phone, document, { mode: 'approval' }))
        await house.stores.query('select portero.want_events(false)')
        expect(tally(asked.map(({ outcome }) => outcome))).toEqual({ asked: 50 })
        expect(await waiting(phone)).toMatchObject([{ person: { id } }])
        expect(
          await house.stores.query('select state from portero.link_requests where phone = $1', [phone]),
        ).toEqual([{ state: 'waiting' }])
        expect(
          await house.stores.query(
            `select data ->> 'person_id' as id from portero.events where type = 'request.opened' and subject = $1`,
            [phone],
          ),
        ).toEqual([{ id }])
      })

      test('is listed with its person, attested when it is approved, and decided once by many at once', async () => {
        const { id, document } = await known('Ana')
        const phone = newPhone()
        await ask(phone, document, { mode: 'approval' })
        const [request] = await waiting(phone)
        expect(request).toMatchObject({ isProof: true, person: { id, name: 'Ana Pérez' } })
        const decided = await atOnce(50, () => links().decideRequest(request!.id, true))
        expect(tally(decided.map(({ decision }) => decision))).toEqual({ approved: 1, gone: 49 })
        expect(decided.every((one) => one.phone === phone)).toBe(true)
        expect(await recognition().recognise(phone)).toMatchObject({
          person: { id, belongs: 'attested', provedAt: expect.any(Date) },
        })
        expect(await waiting(phone)).toEqual([])
      })

      test('is one of each phone, about what was typed last; what nobody has is only counted', async () => {
        const before = (await links().listRequests()).unmatched
        const { id, document } = await known()
        const phone = newPhone()
        await ask(phone, newDocument(), { mode: 'approval' })
        expect((await links().listRequests()).unmatched).toBe(before + 1)
        await ask(phone, document, { mode: 'approval' })
        expect((await links().listRequests()).unmatched).toBe(before)
        expect(await waiting(phone)).toMatchObject([{ person: { id } }])
        // Whoever only says to be this phone waits beside it, and replaces nothing.
        await ask(phone, newDocument(), { mode: 'approval', isProof: false })
        expect(await waiting(phone)).toMatchObject([{ person: { id } }])
      })

      test('of a stranger is over once its person has said that it was not them', async () => {
        const { own, id, document } = await known()
        const stranger = newPhone()
        await ask(stranger, document, { mode: 'approval' })
        const [request] = await waiting(stranger)
        expect((await recognition().disown(own, id)).outcome).toBe('unlinked')
        expect(await waiting(stranger)).toEqual([])
        expect(await links().decideRequest(request!.id, true)).toMatchObject({ decision: 'gone' })
        expect(await linksOf(stranger)).toEqual([])
      })

      test('that was rejected, is a week old or about nobody who may come in makes no link', async () => {
        const { id, document } = await known()
        const [rejected, old, gone, absent] = [newPhone(), newPhone(), newPhone(), newPhone()]
        for (const phone of [rejected, old, gone]) await ask(phone, document, { mode: 'approval' })
        await ask(absent, newDocument(), { mode: 'approval' })
        const idOf = async (phone: PhoneNumber) =>
          (
            await house.stores.query<{ id: string }>(
              'select id from portero.link_requests where phone = $1',
              [phone],
            )
          )[0]!.id
        expect(await links().decideRequest(await idOf(rejected), false)).toEqual({
          decision: 'rejected',
          phone: rejected,
        })
        expect(await links().decideRequest(await idOf(rejected), true)).toMatchObject({ decision: 'gone' })
        await house.stores.query(
          `update portero.link_requests set at = at - interval '7 days' where phone = $1`,
          [old],
        )
        expect(await links().decideRequest(await idOf(old), true)).toMatchObject({ decision: 'gone' })
        expect(await links().decideRequest(await idOf(absent), true)).toMatchObject({ decision: 'nobody' })
        expect(await links().decideRequest('999999999', true)).toMatchObject({
          decision: 'gone',
          phone: undefined,
        })
        await house.stores.peopleStore.setState(id, 'blocked')
        expect(await links().decideRequest(await idOf(gone), true)).toMatchObject({ decision: 'unknown' })
        for (const phone of [rejected, old, gone, absent]) expect(await linksOf(phone)).toEqual([])
      })
    })

    test('what has outlived its keeping is swept, and no sooner', async () => {
      const { document } = await known()
      const [old, fresh] = [newPhone(), newPhone()]
      for (const phone of [old, fresh])
        for (const mode of ['code', 'approval'] as const) await ask(phone, document, { mode })
      await house.stores.query(
        `with c as (update portero.link_codes set created_at = created_at - interval '49 hours' where asker = $1)
         update portero.link_requests set at = at - interval '8 days' where phone = $1`,
        [old],
      )
      await house.stores.database.rows('select portero.sweep_first_contact(2000)', [])
      const left = await house.stores.query<{ phone: string }>(
        `select asker as phone from portero.link_codes where asker = any ($1)
         union all select phone from portero.link_requests where phone = any ($1)`,
        [[old, fresh]],
      )
      expect(left.map(({ phone }) => phone)).toEqual([fresh, fresh])
    })
  })
}
