import { type CountryCode, getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import type { Locale } from '../domain/locale.ts'
import { listRegions, type Region } from '../domain/phones/regions.ts'

/** A country to choose, with a number as an example where the list is short enough to carry them. */
export type Country = Region & { readonly example: string | undefined }

/** Longer lists go without examples, or the page would outgrow its 20 KB. */
const examplesMax = 40

/** Where the library's national form is not what people write on a form. */
const asWritten: Readonly<Record<string, string>> = { AR: '11 2345-6789' }

/** The countries to choose from, the first one on top, in the language of the reader. */
export function listCountries(
  codes: readonly string[],
  { locale, first }: { locale: Locale; first: string },
): Country[] {
  const hasExamples = codes.length <= examplesMax
  return listRegions(codes, { locale, first }).map((region) => ({
    ...region,
    example: hasExamples ? exampleOf(region.code) : undefined,
  }))
}

function exampleOf(code: string): string | undefined {
  return asWritten[code] ?? getExampleNumber(code as CountryCode, examples)?.formatNational()
}
