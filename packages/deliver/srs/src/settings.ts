/** What control/ says about SRS. */
import { readFileSync } from 'node:fs'
import { listLines } from '@yabumi/control'
import { srsDays, srsHashCharacters } from '@yabumi/limits'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

export interface Srs {
  /** The domain of rewritten senders. */
  readonly domain: string
  /** The first one signs, all of them verify; never empty. */
  readonly secrets: readonly string[]
  /** Days for which an address of ours is valid. */
  readonly maxAgeDays: number
  /** Characters of the signature that are written. */
  readonly hashLength: number
  /** Characters of a signature that must be there. */
  readonly hashMinimum: number
}

/** A signature has so many characters in all: base64 of 20 bytes. */
const longestHash = 27

/**
 * Read control/srs_domain, srs_secrets, srs_maxage, srs_hashlength and srs_hashmin.
 *
 * @param home - the home; the working directory may be another one
 * @returns undefined if there is no srs_domain, or an empty one: SRS is off
 * @throws Trouble 4.3.0 if a file cannot be read, or there is a domain and no secret
 */
export function readSrs(home: string): Srs | undefined {
  const domain = lines(home, 'srs_domain')[0] ?? ''
  if (domain === '') return undefined
  const secrets = lines(home, 'srs_secrets')
  if (secrets.length === 0) throw new Trouble('4.3.0', 'unable to read control/srs_secrets: there is control/srs_domain, and no secret')
  const hashLength = Math.min(number(home, 'srs_hashlength', srsHashCharacters), longestHash)
  const hashMinimum = Math.min(Math.max(number(home, 'srs_hashmin', srsHashCharacters), 1), hashLength)
  return { domain, secrets, maxAgeDays: number(home, 'srs_maxage', srsDays), hashLength: Math.max(hashLength, 1), hashMinimum }
}

function number(home: string, name: string, otherwise: number): number {
  const digits = /^[0-9]+/.exec(lines(home, name)[0] ?? '')
  return digits === null ? otherwise : Number(digits[0])
}

function lines(home: string, name: string): string[] {
  try {
    return listLines(readFileSync(`${home}/control/${name}`, 'latin1'))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return []
    throw new Trouble('4.3.0', `unable to read control/${name}: ${errorText(cause)}`, { cause })
  }
}
