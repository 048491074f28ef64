/** What is due, by our own rule or by the authority's word, whichever is earlier. What it has is asked for once. */
import type { X509Certificate } from 'node:crypto'
import { complain } from '@yabumi/commandline'
import { errorText } from '@yabumi/trouble'
import { Authority, placesOf, type Resource } from './authority.ts'
import { dueAt } from './due.ts'
import { isWanted } from './renewalinfo.ts'
import type { Settings } from './settings.ts'
import { accountKey } from './store.ts'

export class Renewal {
  readonly #settings: Settings
  #places: Promise<Resource> | undefined
  #authority: Promise<Authority> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Our account with the authority. @throws Trouble */
  authority(): Promise<Authority> {
    this.#authority ??= this.#find().then((places) => Authority.open(this.#settings, places, accountKey()))
    return this.#authority
  }

  /** An authority that cannot be heard wants nothing; the log says so. */
  async isDue(name: string, certificate: X509Certificate | undefined): Promise<boolean> {
    if (certificate === undefined || Date.now() >= dueAt(certificate)) return true
    try {
      const place = (await this.#find())['renewalInfo']
      return typeof place === 'string' && (await isWanted(place, certificate, this.#settings.ca))
    } catch (error) {
      complain(`acme: ${name}: whether the authority wants it renewed cannot be asked: ${errorText(error)}`)
      return false
    }
  }

  #find(): Promise<Resource> {
    this.#places ??= placesOf(this.#settings)
    return this.#places
  }
}
