import { isRefusal } from '../../domain/errors.ts'
import type { Belongs } from '../../domain/people/person.ts'
import { canonicalPhone, type PhoneNumber, parsePhoneNumber } from '../../domain/phones/phone-number.ts'
import { firstNameOf } from '../../domain/recognition/first-name.ts'
import type { RememberedPerson } from '../../domain/recognition/recognition-store.ts'

/** What `portero.remembered` answers. */
export type PersonJson = {
  id: string
  name: string | null
  nombre: string | null
  belongs: Belongs
  proved_at: string | null
}

/** Somebody whom a phone may speak for, from the database. */
export function rememberedPerson(json: PersonJson): RememberedPerson {
  return {
    id: json.id,
    name: json.name ?? undefined,
    firstName: firstNameOf(json.nombre),
    belongs: json.belongs,
    provedAt: json.proved_at === null ? undefined : new Date(json.proved_at),
  }
}

/** The phones of rows in whatever spelling another program gave them; what is no number is left out. */
export function phonesOfRows(texts: readonly string[]): PhoneNumber[] {
  return [...new Set(texts.flatMap(phoneOfRow))]
}

function phoneOfRow(text: string): PhoneNumber[] {
  if (/^\+[1-9]\d{6,14}$/.test(text)) return [canonicalPhone(text)]
  try {
    return [
      parsePhoneNumber(text.replace(/\D/g, '').replace(/^0+/, ''), { region: undefined, source: 'whatsapp' }),
    ]
  } catch (thrown) {
    if (isRefusal(thrown)) return []
    throw thrown
  }
}
